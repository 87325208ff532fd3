import { describe, expect, it } from 'vitest';
import { startMs } from '../../testing/make-readings.ts';
import {
  makeDeployment,
  makePod,
  makeScale,
  unready,
  unschedulable,
  waiting,
} from '../../testing/make-pods.ts';
import type { Deployment, Pod } from './kubernetes-objects.ts';
import { belongsTo, podStateOf } from './pod-state.ts';
import { toTargetState } from './target-state.ts';

const stateOf = (replicas: number, pods: Pod[], deployment: Deployment = makeDeployment()) =>
  toTargetState({ scale: makeScale(replicas), deployment, pods, now: startMs });

const secondsAgo = (seconds: number): string => new Date(startMs - seconds * 1_000).toISOString();

describe('a pod', () => {
  it.each<[string, object, string]>([
    ['serves', {}, 'ready'],
    ['has just been made', { phase: 'Pending', conditions: [] }, 'starting'],
    ['is not ready since a moment', unready(secondsAgo(60)), 'starting'],
    ['is not ready for longer than a start takes', unready(secondsAgo(181)), 'failing'],
    ['waits for its image', waiting('ContainerCreating'), 'starting'],
    ['has an image that nobody can pull', waiting('ImagePullBackOff'), 'failing'],
    ['crashes again and again', waiting('CrashLoopBackOff', 1), 'failing'],
    ['has crashed often and is between two crashes', waiting('', 3), 'failing'],
    ['has crashed often and serves now', { containerStatuses: [{ restartCount: 9 }] }, 'ready'],
    ['fits on no machine', unschedulable, 'unschedulable'],
    ['was evicted', { phase: 'Failed' }, 'ended'],
  ])('that %s is known as such', (_name, status, expected) => {
    expect(podStateOf(makePod('a', { status }), startMs)).toBe(expected);
  });

  it('that was let go is terminating, whatever else it is', () => {
    const metadata = { deletionTimestamp: secondsAgo(0) };
    expect(podStateOf(makePod('a', { metadata, status: unready() }), startMs)).toBe('terminating');
  });

  it('is the Deployment’s own only when its ReplicaSet is', () => {
    expect(belongsTo(makePod('a'), 'work')).toBe(true);
    expect(belongsTo(makePod('a'), 'other')).toBe(false);
    expect(belongsTo(makePod('a', { metadata: { ownerReferences: [] } }), 'work')).toBe(false);
    const ownerReferences = [{ kind: 'StatefulSet', name: 'work-v1', controller: true }];
    expect(belongsTo(makePod('a', { metadata: { ownerReferences } }), 'work')).toBe(false);
  });
});

describe('the target', () => {
  it('has the ready pods as workers, with their machines', () => {
    expect(stateOf(2, [makePod('a'), makePod('b', { status: unready(secondsAgo(1)) })])).toEqual({
      replicas: 2,
      starting: 1,
      failing: 0,
      unschedulable: 0,
      terminating: 0,
      rollout: false,
      paused: false,
      workers: [{ id: 'a', node: 'node-1' }],
      present: ['a', 'b'],
    });
  });

  it('has 0 replicas where Kubernetes leaves the number out', () => {
    expect(stateOf(0, [])).toMatchObject({ replicas: 0, starting: 0, workers: [] });
  });

  it('counts pods that are to be made as starting', () => {
    expect(stateOf(3, [makePod('a')])).toMatchObject({ starting: 2, unschedulable: 0 });
  });

  it('counts pods that may not be made as without room', () => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }];
    const deployment = makeDeployment({ status: { conditions, replicas: 1, updatedReplicas: 1 } });
    expect(stateOf(3, [makePod('a')], deployment)).toMatchObject({
      starting: 0,
      unschedulable: 2,
      rollout: false,
    });
  });

  it('counts those that end apart', () => {
    const metadata = { deletionTimestamp: secondsAgo(0) };
    const state = stateOf(1, [makePod('a'), makePod('b', { metadata })]);
    expect(state).toMatchObject({ starting: 0, terminating: 1, workers: [{ id: 'a' }] });
  });

  it('does not take a pod too many of a rollout for a worker without room', () => {
    const pods = [makePod('a'), makePod('b'), makePod('c', { hash: 'v2', status: unschedulable })];
    expect(stateOf(2, pods)).toMatchObject({ rollout: true, unschedulable: 0 });
    expect(stateOf(3, pods)).toMatchObject({ unschedulable: 1 });
  });

  it.each<[string, Deployment, Pod[]]>([
    ['its change was not looked at yet', makeDeployment({ metadata: { generation: 4 } }), [makePod('a')]],
    ['pods of an older version count', makeDeployment({ status: { updatedReplicas: 1 } }), [makePod('a')]],
    ['pods of two versions are there', makeDeployment(), [makePod('a'), makePod('b', { hash: 'v2' })]],
  ])('is rolled out while %s', (_name, deployment, pods) => {
    expect(stateOf(2, pods, deployment)).toMatchObject({ rollout: true });
  });

  it('is not rolled out while the last of an older version ends', () => {
    const metadata = { deletionTimestamp: secondsAgo(0) };
    const pods = [makePod('a'), makePod('b'), makePod('c', { hash: 'v0', metadata })];
    expect(stateOf(2, pods)).toMatchObject({ rollout: false });
  });

  it.each([
    ['true', true],
    ['false', false],
  ])('is paused: %s', (text, paused) => {
    const annotations = { 'factorial.dev/paused': text };
    expect(stateOf(1, [makePod('a')], makeDeployment({ metadata: { annotations } }))).toMatchObject({
      paused,
    });
  });
});

/** The scale target, its Lease and its Events against a real API server, with exactly the rights that the chart gives. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKubernetesLease } from '../../leader/kubernetes-lease.ts';
import { createLeaderElection } from '../../leader/leader-election.ts';
import { createEventRecorder } from '../../tell/event-recorder.ts';
import { createTestCluster, deployment, lease, type TestCluster } from '../../testing/test-cluster.ts';
import type { TargetState } from '../scale-target.ts';
import { createDeploymentApi } from './deployment-api.ts';
import { createKubernetesTarget } from './kubernetes-target.ts';

const never = new AbortController().signal;
const timeoutMs = 30_000;
let cluster: TestCluster;

const makeTarget = () => {
  const { client, namespace } = cluster;
  const api = createDeploymentApi({ client, namespace, deployment, timeoutMs: 5_000 });
  return createKubernetesTarget({ api, sleep, now: Date.now });
};

const stateOf = async (target = makeTarget()): Promise<TargetState> => {
  const reading = await target.read(never);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.value;
};

/** Waits for a picture of the Deployment, and leaves the target with that very picture. */
const seen = async (what: string, fits: (state: TargetState) => boolean, target = makeTarget()) =>
  waitUntil(
    async () => {
      const state = await stateOf(target);
      return fits(state) && state;
    },
    { what, timeoutMs, pollMs: 100 },
  );

const settled = (count: number) => (state: TargetState) =>
  state.replicas === count &&
  state.workers.length === count &&
  state.starting === 0 &&
  state.terminating === 0 &&
  !state.rollout;

/** Refused when the status has changed in between, as it does while pods start: then the loop decides anew, and so does this. */
const scale = async (from: number, to: number) => {
  const target = makeTarget();
  await waitUntil(
    async () => {
      await seen(`${from} replicas`, ({ replicas }) => replicas === from, target);
      return (await target.scaleTo({ from, to, victims: [], others: [] }, never)).ok;
    },
    { what: `from ${from} to ${to}`, timeoutMs },
  );
};

const patch = async (spec: object) =>
  cluster.kubectl('patch', 'deployment', deployment, '--type=merge', '--patch', JSON.stringify(spec));

describe('a Deployment', () => {
  beforeAll(async () => {
    cluster = await createTestCluster();
  });
  afterAll(async () => cluster?.remove());

  it('is read, and grows', async () => {
    expect(await seen('one worker', settled(1))).toMatchObject({
      unschedulable: 0,
      paused: false,
      failing: 0,
    });
    await scale(1, 4);
    const { workers } = await seen('four workers', settled(4));
    expect(workers.every(({ id, node }) => id.startsWith(deployment) && node)).toBe(true);
  });

  it('lets the victims go, and nobody else', async () => {
    const target = makeTarget();
    const { workers } = await seen('four workers', settled(4), target);
    const [first = '', second = '', third = '', fourth = ''] = workers.map(({ id }) => id);
    const victims = [second, third];
    const busy = [{ id: first, runningSeconds: 90 }];
    expect(await target.markVictims({ victims, busy }, never)).toEqual({ ok: true });
    const marks = await cluster.kubectl(
      'get',
      'pods',
      '--output',
      String.raw`jsonpath={.items[*].metadata.annotations.controller\.kubernetes\.io/pod-deletion-cost}`,
    );
    expect(marks.split(' ').toSorted()).toEqual(['-1000', '-1000', '91']);
    // The ReplicaSet's controller reads a cache: `retireVictims` waits as long.
    await sleep(1_500);
    await stateOf(target);
    const answer = await target.scaleTo(
      { from: 4, to: 2, victims, others: [{ id: first, busy: true }] },
      never,
    );
    expect(answer.ok && answer.removed.toSorted()).toEqual(victims.toSorted());
    const left = await seen('two workers', settled(2));
    expect(left.workers.map(({ id }) => id).toSorted()).toEqual([first, fourth].toSorted());
  });

  it('is not touched when it has changed since it was read', async () => {
    const target = makeTarget();
    await seen('two workers', settled(2), target);
    await cluster.kubectl('annotate', 'deployment', deployment, 'changed=meanwhile');
    const answer = await target.scaleTo({ from: 2, to: 3, victims: [], others: [] }, never);
    expect(answer).toEqual({ ok: false, reason: 'answered 409 (Conflict)', uncertain: false });
    expect(await stateOf()).toMatchObject({ replicas: 2 });
  });

  it('is seen to be paused when somebody says so', async () => {
    await cluster.kubectl('annotate', 'deployment', deployment, 'factorial.dev/paused=true');
    expect(await stateOf()).toMatchObject({ paused: true });
    await cluster.kubectl('annotate', 'deployment', deployment, 'factorial.dev/paused-');
    expect(await stateOf()).toMatchObject({ paused: false });
  });

  it('is seen to be replaced by a version that no machine has room for', async () => {
    const container = { name: 'pause', resources: { requests: { cpu: '900' } } };
    await patch({ spec: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } });
    const template = { spec: { containers: [{ ...container, image: 'registry.k8s.io/pause:3.10' }] } };
    await patch({ spec: { template } });
    const state = await seen('a pod without a machine', ({ unschedulable }) => unschedulable === 1);
    expect(state).toMatchObject({ replicas: 2, rollout: true, failing: 0, starting: 0 });
    expect(state.workers).toHaveLength(1);
    await cluster.kubectl('rollout', 'undo', `deployment/${deployment}`);
    await seen('the old version', settled(2));
  });

  it('shows the Events that tell of it', async () => {
    const { client, namespace } = cluster;
    const target = makeTarget();
    await stateOf(target);
    const about = { client, namespace, deployment, identity: 'one', now: Date.now };
    const recorder = createEventRecorder({ ...about, uid: target.uid });
    const event = { type: 'Normal', reason: 'ScaledUp', message: '1 to 4 (backlog)' } as const;
    await recorder.record(event);
    await recorder.record(event);
    const told = await waitUntil(
      async () => {
        const text = await cluster.kubectl('describe', 'deployment', deployment);
        return text.includes('(backlog)') && text;
      },
      { what: 'the event', timeoutMs },
    );
    expect(told).toMatch(/Normal +ScaledUp .*x2 over.* factorial-scaler +1 to 4 \(backlog\)/);
  });
});

describe('a Lease', () => {
  beforeAll(async () => {
    cluster = await createTestCluster();
  });
  afterAll(async () => cluster?.remove());

  const elect = (identity: string, name = lease) => {
    const { client, namespace } = cluster;
    const store = createKubernetesLease({ client, namespace, name, wallClock: Date.now });
    const recorded = createRecordedLogger();
    const now = () => performance.now();
    const election = createLeaderElection({ store, identity, logger: recorded.logger, now, sleep });
    return { election, recorded };
  };

  it('is held by one of two, and by the other at once when that one stops', async () => {
    const [one, two] = [elect('one').election, elect('two').election];
    await one.start();
    await waitUntil(() => one.term(), { what: 'one leads', timeoutMs });
    await two.start();
    await waitUntil(() => two.inTouch(), { what: 'two looks on', timeoutMs });
    expect(two.term()).toBeUndefined();
    const spec = JSON.parse(await cluster.kubectl('get', 'lease', lease, '-o', 'jsonpath={.spec}'));
    expect(spec).toMatchObject({ holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 1 });
    const term = one.term();
    await one.stop(never);
    expect(term?.aborted).toBe(true);
    await waitUntil(() => two.term(), { what: 'two leads', timeoutMs: 5_000 });
    await two.stop(never);
    const holder = await cluster.kubectl('get', 'lease', lease, '-o', 'jsonpath={.spec.holderIdentity}');
    expect(holder).toBe('');
  });

  it('leads nobody, and says why, when it is not there', async () => {
    const { election, recorded } = elect('one', 'another');
    await election.runOnce();
    expect(election.term()).toBeUndefined();
    expect(election.inTouch()).toBe(false);
    expect(recorded.linesOf('lease cannot be reached')).toMatchObject([{ reason: expect.any(String) }]);
  });
});

import { expect, it } from 'vitest';
import { type Pod, podSchema } from '../../e2e/cluster/release.ts';
import { podsAmiss, restartsAmiss } from './what-is-amiss.ts';

interface PodFacts {
  component?: string;
  isReady?: boolean;
  restarts?: number;
}

const pod = ({ component = 'worker', isReady = true, restarts = 0 }: PodFacts): Pod =>
  podSchema.parse({
    metadata: { name: 'pod', uid: 'uid', labels: { 'app.kubernetes.io/component': component } },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
      containerStatuses: [
        {
          name: 'container',
          restartCount: restarts,
          lastState: restarts > 0 ? { terminated: { reason: 'OOMKilled', exitCode: 137 } } : {},
        },
      ],
    },
  });

it('finds nothing when pods are ready and were started once', () => {
  expect(podsAmiss([pod({})])).toEqual([]);
  expect(restartsAmiss([pod({})], new Map())).toEqual([]);
});

it('finds a pod that is not ready, unless it is a janitor that has ended', () => {
  expect(podsAmiss([pod({ isReady: false })])).toEqual(['pod pod is Running and not ready']);
  expect(podsAmiss([pod({ isReady: false, component: 'janitor' })])).toEqual([]);
});

it('finds a container that was started again more often than it was killed', () => {
  const pods = [pod({ restarts: 2 })];
  expect(restartsAmiss(pods, new Map([['uid', 2]]))).toEqual([]);
  expect(restartsAmiss(pods, new Map([['uid', 1]]))).toEqual([
    'container of pod pod was started again 2 times: OOMKilled, exit code 137',
  ]);
  expect(restartsAmiss(pods, new Map([['predecessor', 2]]))).toHaveLength(1);
});

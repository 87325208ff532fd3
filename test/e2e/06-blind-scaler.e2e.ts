/** The management API cannot be reached under load: the scaler touches nothing, says so, and goes on afterwards. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { repetitions } from './cluster/figures.ts';
import { cancelAll, submitNaps } from './cluster/naps.ts';
import { observeFor } from './cluster/observe-for.ts';
import { ensureRelease, releaseName, type Release } from './cluster/release.ts';
import { readEvents } from './cluster/scaler-view.ts';
import { type ReplicaWatch, watchReplicas } from './cluster/watch-replicas.ts';

const deployment = `${releaseName}-worker-factorial`;

let release: Release;
let watch: ReplicaWatch;
beforeAll(async () => {
  release = await ensureRelease('naps');
  watch = await watchReplicas(release.kubectl.namespace, deployment);
});
afterAll(async () => watch.stop());

/** Ends the management API's listener and its connections, or has it listen again; the broker itself goes on. */
const management = async (verb: 'start' | 'stop'): Promise<void> => {
  const expression = `application:${verb}(rabbitmq_management).`;
  await release.kubectl.run(['exec', `${releaseName}-rabbitmq-0`, '--', 'rabbitmqctl', 'eval', expression]);
};

const isToldOf = async (reason: string, since: number): Promise<boolean> =>
  (await readEvents(release.kubectl, deployment)).some(
    (event) => event.reason === reason && Date.parse(event.lastTimestamp ?? '') >= since - 1_000,
  );

test('holds, tells why on the Deployment, and recovers by itself', async () => {
  await waitUntil(() => watch.now() === 1, { timeoutMs: 120_000, pollMs: 500, what: 'one worker' });
  const began = Date.now();
  await management('stop');
  await waitUntil(async () => isToldOf('HoldMetricsUnavailable', began), {
    timeoutMs: 30_000,
    pollMs: 1_000,
    what: 'the Event',
  });
  const seen = watch.changes.length;
  const ids = await submitNaps(release.client, { count: 30, seconds: 1_000 });
  await observeFor(repetitions(60_000, 20_000), () => {
    expect(watch.changes).toHaveLength(seen);
  });
  await management('start');
  await waitUntil(() => watch.changes.length > seen, { timeoutMs: 30_000, what: 'it grows again' });
  expect(watch.now()).toBeGreaterThan(1);
  await waitUntil(async () => isToldOf('MetricsRecovered', began), { timeoutMs: 30_000, what: 'the Event' });
  await cancelAll(release.client, ids);
});

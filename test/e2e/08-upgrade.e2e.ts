/** Helm and the scaler share a Deployment without a quarrel; a rolling upgrade is not noticed by clients. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import { beforeAll, describe, expect, test } from 'vitest';
import { runLoad, settle } from '../client/ledger.ts';
import { tell } from './cluster/figures.ts';
import { cancelAll, submitNaps } from './cluster/naps.ts';
import {
  ensureRelease,
  helm,
  releaseName,
  type Release,
  upgradeRelease,
  waitUntilServing,
} from './cluster/release.ts';
import { watchReplicas } from './cluster/watch-replicas.ts';

const deployment = `${releaseName}-worker-factorial`;
/** The profile's `autoscaling.maxWorkers`. */
const mostWorkers = 8;

let release: Release;
beforeAll(async () => {
  release = await ensureRelease('naps');
});

describe('what the scaler has set', () => {
  test.each(['helm', 'helm3'])('outlives an upgrade by %s', async (program) => {
    const watch = await watchReplicas(release.kubectl.namespace, deployment);
    await waitUntil(() => watch.now() === 1, {
      timeoutMs: 120_000,
      pollMs: 200,
      what: 'the pool is at rest',
    });
    const ids = await submitNaps(release.client, { count: 20, seconds: 1_000 });
    await waitUntil(() => watch.now() === mostWorkers, { timeoutMs: 60_000, what: 'the pool has grown' });
    const { length } = watch.changes;
    // Another template of the workers: the Deployment itself is patched.
    const annotation = `pools.factorial.podAnnotations.upgraded-by=${program}`;
    await upgradeRelease('naps', ['--set', annotation], { program });
    await watch.stop();
    // At no moment another number, whoever might have mended it afterwards.
    expect(watch.changes.slice(length)).toEqual([]);
    await cancelAll(release.client, ids);
    await waitUntilServing(release.kubectl);
  });
});

test('an upgrade of the api under load drops no request, and loses no job', async () => {
  const over = new AbortController();
  const work = { task: 'nap', input: { seconds: 0.02, text: 'well rested' } };
  const load = runLoad({ target: release, work, paceMs: 100, clients: 4, signal: over.signal });
  await upgradeRelease('naps', ['--set', 'api.podAnnotations.upgraded=again']);
  await release.kubectl.run(['rollout', 'status', `deployment/${releaseName}-api`, '--timeout=120s']);
  over.abort();
  const ledger = await load;
  const jobs = await settle(release, ledger, 120_000);
  tell('upgraded under load', {
    answers: Object.fromEntries(ledger.answers),
    slowestMs: Math.round(ledger.slowestMs),
  });
  expect([...ledger.answers.keys()]).toEqual([202]);
  expect(jobs.filter(({ status }) => status !== 'done')).toEqual([]);
});

test('a rollback leads back, with the same secrets', async () => {
  const before = await release.kubectl.run([
    'get',
    'secret',
    `${releaseName}-jwt`,
    '--output',
    'jsonpath={.data}',
  ]);
  await helm(['rollback', releaseName, '--wait', '--timeout', '3m']);
  await waitUntilServing(release.kubectl);
  const after = await release.kubectl.run([
    'get',
    'secret',
    `${releaseName}-jwt`,
    '--output',
    'jsonpath={.data}',
  ]);
  expect(after.stdout).toBe(before.stdout);
  const [id = ''] = await submitNaps(release.client, { count: 1, seconds: 0 });
  expect((await release.client.waitUntilFinal(id)).status).toBe('done');
});

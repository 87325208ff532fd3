/** Each component's pods are deleted in turn while clients submit: what was accepted is done, once, and right. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { beforeAll, expect, test } from 'vitest';
import { type Ledger, runLoad, settle } from '../client/ledger.ts';
import { tell } from './cluster/figures.ts';
import { ensureRelease, podsOf, releaseName, type Release, waitUntilServing } from './cluster/release.ts';

let release: Release;
beforeAll(async () => {
  release = await ensureRelease('naps');
});

const work = { task: 'nap', input: { seconds: 0.2, text: 'well rested' } };

/** Deletes the pods, as an eviction or a lost node would, and waits until their successors serve. */
const lose = async (component: string): Promise<void> => {
  const names = (await podsOf(release.kubectl, component)).map(({ metadata }) => metadata.name);
  expect(names.length).toBeGreaterThan(0);
  await release.kubectl.run(['delete', 'pod', ...names, '--wait=false', '--grace-period=5']);
  await waitUntil(
    async () => {
      const pods = await podsOf(release.kubectl, component);
      // A StatefulSet's pod keeps its name: it is the one that is not being deleted.
      const old = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
      return pods.length > 0 && old.length === 0;
    },
    { timeoutMs: 60_000, pollMs: 500, what: `${component} is replaced` },
  );
  await waitUntilServing(release.kubectl);
};

/** Submits while the fault happens, and a while longer. */
const underLoad = async (fault: () => Promise<void>): Promise<Ledger> => {
  const over = new AbortController();
  const load = runLoad({ target: release, work, paceMs: 200, clients: 4, signal: over.signal });
  try {
    await fault();
    await sleep(3_000);
  } finally {
    over.abort();
  }
  return load;
};

const runsOf = async (): Promise<{ claimed: number; done: number }> => {
  const script = `REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli --raw hmget '{factorial}:pool:factorial' claimed done`;
  const { stdout } = await release.kubectl.run(['exec', `${releaseName}-redis-0`, '--', 'sh', '-c', script]);
  const [claimed = 0, done = 0] = stdout.trim().split('\n').map(Number);
  return { claimed, done };
};

test.each(['scaler', 'worker', 'api', 'rabbitmq', 'redis'])(
  'loses no accepted job, and completes each once, when the pods of %s go',
  async (component) => {
    const before = await runsOf();
    const ledger = await underLoad(async () => lose(component));
    const jobs = await settle(release, ledger, 120_000);
    const after = await runsOf();
    const done = after.done - before.done;
    tell(`${component} lost`, {
      accepted: ledger.accepted.size,
      answers: Object.fromEntries(ledger.answers),
      done,
      reruns: after.claimed - before.claimed - done,
      slowestMs: Math.round(ledger.slowestMs),
    });
    expect(ledger.accepted.size).toBeGreaterThan(20);
    // While the api itself is there, every caller is answered, if only by 503 and when to come again.
    expect(component === 'api' || !ledger.answers.has(0)).toBe(true);
    expect(ledger.withoutRetryAfter).toBe(0);
    // A submission whose answer got lost may have been accepted too, and is done then; nothing is done twice.
    expect(done).toBeGreaterThanOrEqual(ledger.accepted.size);
    expect(done).toBeLessThanOrEqual(ledger.accepted.size + (ledger.answers.get(0) ?? 0));
    expect(jobs.filter(({ status }) => status !== 'done')).toEqual([]);
    for (const { id } of jobs) {
      const output = await release.client.call(`/v1/jobs/${id}/output`);
      expect(output.text).toBe('well rested');
    }
  },
);

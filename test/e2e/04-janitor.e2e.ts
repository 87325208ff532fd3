/** The janitor's runs as jobs of its CronJob. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { cancelAll } from './cluster/naps.ts';
import { ensureRelease, releaseName, type Release } from './cluster/release.ts';

const expiringSchema = z.looseObject({ expiresAt: z.string() });

let release: Release;
beforeAll(async () => {
  release = await ensureRelease('naps');
});

const startRun = async (name: string): Promise<void> => {
  await release.kubectl.run(['delete', 'job', name, '--ignore-not-found']);
  await release.kubectl.run(['create', 'job', name, '--from', `cronjob/${releaseName}-janitor`]);
};

const logOf = async (name: string): Promise<string> => {
  await release.kubectl.run(['wait', '--for=condition=Complete', `job/${name}`, '--timeout=90s']);
  return (await release.kubectl.run(['logs', `job/${name}`])).stdout;
};

const statusOf = async (id: string): Promise<number> => (await release.client.call(`/v1/jobs/${id}`)).status;

test('expires what has outlived its retention, and leaves a tombstone; two at once and a second time do no harm', async () => {
  const { client } = release;
  const running = await client.accepted({ task: 'nap', input: { seconds: 600, text: 'later' } });
  const ids = await Promise.all(
    Array.from({ length: 20 }, async (_, index) =>
      client.accepted({ task: 'nap', input: { seconds: 0, text: `nap ${index}` } }),
    ),
  );
  for (const id of ids) await client.waitUntilFinal(id, 120_000);
  // The profile keeps a finished job for 5 s.
  const { expiresAt } = expiringSchema.parse(await client.job(ids.at(-1) ?? ''));
  await sleep(Math.max(0, Date.parse(expiresAt) + 1_000 - Date.now()));
  await Promise.all(['janitor-one', 'janitor-two'].map(startRun));
  const logs = await Promise.all(['janitor-one', 'janitor-two'].map(logOf));
  expect(logs.join('\n')).toContain('expired');
  for (const id of ids) expect(await statusOf(id)).toBe(410);
  await startRun('janitor-again');
  await logOf('janitor-again');
  for (const id of ids) expect(await statusOf(id)).toBe(410);
  expect(await statusOf(running)).toBe(200);
  await cancelAll(client, [running]);
});

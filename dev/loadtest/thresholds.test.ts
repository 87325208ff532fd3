/** Each threshold of the load test fails when its fault is there, and none fails without one. Needs k6 on PATH or in .local/bin. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findInstalledK6 } from './find-k6.ts';
import { type Fault, knownN, slowMs, startStandInApi } from './stand-in-api.ts';

const repositoryDir = resolve(import.meta.dirname, '../..');
const k6 = await findInstalledK6({
  path: process.env['PATH'] ?? '',
  binDir: join(repositoryDir, '.local/bin'),
  say: () => undefined,
});
if (k6 === undefined) process.stdout.write('skipped: the thresholds of the load test need k6 on PATH\n');

const reportSchema = z.object({
  passed: z.boolean(),
  counts: z.record(z.string(), z.number()),
  thresholds: z.array(z.object({ name: z.string(), holds: z.boolean() })),
});

const users = 2;

const settingsFor = (url: string, summaryFile: string): Record<string, string> => ({
  BASE_URL: url,
  TOKEN: 'unused',
  SUMMARY_FILE: summaryFile,
  USERS: String(users),
  N_MIN: String(knownN),
  N_MAX: String(knownN),
  ARRIVE_SECONDS: '0',
  LOOK_SECONDS: '1',
  SUBMIT_WITHIN_SECONDS: '3',
  RESULT_WITHIN_SECONDS: '2',
  SUBMIT_P95_MS: String(slowMs - 50),
  K6_NO_USAGE_REPORT: 'true',
});

const exitCodeOf = async (env: Record<string, string>): Promise<number> =>
  new Promise((done) => {
    const child = execFile(
      k6 ?? 'k6',
      ['run', '--quiet', '--address=', 'loadtest/scenarios/hackathon.ts'],
      { cwd: repositoryDir, env, timeout: 60_000 },
      () => done(child.exitCode ?? -1),
    );
  });

const runAgainst = async (fault: Fault) => {
  const dir = await mkdtemp(join(tmpdir(), 'factorial-loadtest-'));
  const api = await startStandInApi(fault);
  try {
    const summaryFile = join(dir, 'summary.json');
    const exitCode = await exitCodeOf(settingsFor(api.url, summaryFile));
    const { counts, thresholds } = reportSchema.parse(JSON.parse(await readFile(summaryFile, 'utf8')));
    const broken = thresholds.filter(({ holds }) => !holds).map(({ name }) => name.split(':')[0]);
    return { exitCode, counts, broken, keys: api.keys };
  } finally {
    await api.stop();
    await rm(dir, { recursive: true });
  }
};

describe.skipIf(k6 === undefined).concurrent('the thresholds of the load test', () => {
  it('all hold when the system is right', async () => {
    const { exitCode, broken, counts } = await runAgainst('none');
    expect({ exitCode, broken }).toEqual({ exitCode: 0, broken: [] });
    expect(counts).toMatchObject({ accepted: users, done: users, right: users, askedToWait: 0, errors: 0 });
  });

  it.for<[Fault, string[]]>([
    ['wrong digit', ['checks', 'jobs_open', 'jobs_wrong']],
    ['forgotten job', ['errors', 'jobs_lost', 'jobs_open']],
    ['job without an end', ['jobs_lost', 'jobs_open']],
    ['failed job', ['jobs_failed', 'jobs_open']],
    ['strange id', ['checks']],
    ['slow submission', ['submit_ms']],
    ['fault once', ['errors']],
    ['always busy', ['jobs_accepted']],
  ])('break for "%s", and no others do: %s', async ([fault, expected]) => {
    const { exitCode, broken } = await runAgainst(fault);
    expect({ exitCode, broken }).toEqual({ exitCode: 99, broken: expected });
  });

  it('hold when the system is busy once, and the retry has the same idempotency key', async () => {
    const { exitCode, counts, keys } = await runAgainst('busy once');
    expect(exitCode).toBe(0);
    expect(counts).toMatchObject({ right: users, askedToWait: users, errors: 0 });
    expect(keys).toHaveLength(2 * users);
    expect(new Set(keys).size).toBe(users);
  });
});

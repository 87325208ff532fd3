/** The short run of `make chaos`: a thousand jobs under the faults of one seed. `CHAOS_SEED=7 npx vitest run test/chaos/chaos.test.ts` for another. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSlowFsync } from './disk/slow-disk.ts';
import { brokenPromises, brokenRecovery } from './gates.ts';
import { localTarget } from './local-target.ts';
import { tableOf } from './report.ts';
import { type ChaosResult, removeRun, runChaos } from './run-chaos.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? 1);
const jobs = 1_000;
const perSecond = 20;
const faults = 16;

let dir: string;
let result: ChaosResult | undefined;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-chaos-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

const slowFsyncIfPossible = async (): Promise<string | undefined> =>
  buildSlowFsync(dir).catch((error: Error) => {
    console.warn(`without slow disks: ${error.message}`);
    return undefined;
  });

test(
  'loses, doubles, changes and leaves behind nothing while parts die, freeze and lose each other',
  { timeout: 600_000 },
  async () => {
    const slowFsync = await slowFsyncIfPossible();
    result = await runChaos({ seed, jobs, faults, perSecond, settleMs: 180_000 }, localTarget({ slowFsync }));
    console.info(tableOf([result]));
    const broken = [...brokenPromises(result), ...brokenRecovery([result])];
    expect(broken, `its journal: ${result.dir}`).toEqual([]);
    expect(result.account.accepted).toBe(jobs);
    expect(result.faults.length).toBeGreaterThan(faults / 2);
    await removeRun(result);
  },
);

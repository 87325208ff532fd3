/** `make chaos`: runs the system under a seeded schedule of faults, prints the account and writes `.local/chaos.json`. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfigOrExit } from '@factorial/core/config/load-config';
import { repositoryDir } from '../../dev/system/system-services.ts';
import { type ControlName, controls } from './controls/control.ts';
import { buildSlowFsync } from './disk/slow-disk.ts';
import { brokenPromises } from './gates.ts';
import { boundSentence, tableOf, toJson } from './report.ts';
import { type ChaosOptions, type ChaosResult, removeRun, runChaos } from './run-chaos.ts';
import { type ChaosSettings, faultsOf, settingsSchema } from './settings.ts';

const tellBroken = (result: ChaosResult): void => {
  for (const sentence of brokenPromises(result)) console.log(`seed ${result.seed}: ${sentence}`);
  console.log(
    `seed ${result.seed}: its journal is kept in ${result.dir}; the same again: make chaos SEED=${result.seed}`,
  );
};

const isClean = (result: ChaosResult): boolean => brokenPromises(result).length === 0;

const runSeeds = async (settings: ChaosSettings, slowFsync: string): Promise<boolean> => {
  const results: ChaosResult[] = [];
  for (const seed of settings.SEED) {
    const result = await runChaos({
      seed,
      jobs: settings.JOBS,
      faults: faultsOf(settings),
      perSecond: settings.PER_SECOND,
      settleMs: settings.SETTLE_SECONDS * 1_000,
      slowFsync,
      ...(settings.VERBOSE === '1' && { say: (line: string) => console.log(line) }),
    });
    results.push(result);
    console.log(tableOf([result]));
    if (isClean(result)) await removeRun(result);
    else tellBroken(result);
  }
  const dir = join(repositoryDir, '.local');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'chaos.json'), `${toJson(results)}\n`);
  const isWell = results.every(isClean);
  console.log(`\n${tableOf(results)}\n`);
  if (isWell) console.log(boundSentence(results));
  return isWell;
};

/** First with the guard, then without. @returns whether the one kept every promise and the other broke the one it had to. */
const runControl = async (name: ControlName, slowFsync: string, dir: string): Promise<boolean> => {
  const { plan, unguard, breaks, what } = controls[name];
  const options: ChaosOptions = { seed: 1, faults: 0, slowFsync, ...plan };
  console.log(`control ${name}: ${what}`);
  const guarded = await runChaos(options);
  console.log(`with the guard\n${tableOf([guarded])}`);
  if (!isClean(guarded)) tellBroken(guarded);
  const unguarded = await runChaos({ ...options, ...(await unguard(dir)) });
  const broken = brokenPromises(unguarded);
  console.log(`without it\n${tableOf([unguarded])}\n${broken.join('\n')}`);
  const isCaught = broken.some((sentence) => breaks.test(sentence));
  console.log(
    isCaught
      ? `control ${name} fails, as it has to`
      : `control ${name} is not noticed: the gates prove nothing`,
  );
  await Promise.all([guarded, unguarded].map(removeRun));
  return isClean(guarded) && isCaught;
};

const main = async (): Promise<void> => {
  const settings = loadConfigOrExit(settingsSchema, process.env);
  const dir = await mkdtemp(join(tmpdir(), 'factorial-chaos-'));
  try {
    const slowFsync = await buildSlowFsync(dir);
    const isWell =
      settings.CONTROL === undefined
        ? await runSeeds(settings, slowFsync)
        : await runControl(settings.CONTROL, slowFsync, dir);
    process.exitCode = isWell ? 0 : 1;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

await main();

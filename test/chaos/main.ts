/** `make chaos`: runs the system under a seeded schedule of faults, prints the account and writes `.local/chaos.json`. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfigOrExit } from '@factorial/core/config/load-config';
import { repositoryDir } from '../../dev/system/system-services.ts';
import { ensureCluster } from '../e2e/cluster/ensure-cluster.ts';
import { clusterTarget } from './cluster-target.ts';
import { type ControlName, controls } from './controls/control.ts';
import { buildSlowFsync } from './disk/slow-disk.ts';
import { brokenPromises, brokenRecovery } from './gates.ts';
import { localTarget } from './local-target.ts';
import { boundSentence, tableOf, toJson } from './report.ts';
import { type ChaosOptions, type ChaosResult, removeRun, runChaos, type TargetKind } from './run-chaos.ts';
import type { ScheduledFault } from './schedule/fault.ts';
import { type ChaosSettings, settingsSchema, sizeOf } from './settings.ts';

const tellBroken = (result: ChaosResult): void => {
  for (const sentence of brokenPromises(result)) console.log(`seed ${result.seed}: ${sentence}`);
  console.log(
    `seed ${result.seed}: its journal is kept in ${result.dir}; the same again: make chaos SEED=${result.seed}`,
  );
};

const isClean = (result: ChaosResult): boolean => brokenPromises(result).length === 0;

const runSeeds = async <Blow extends ScheduledFault>(
  settings: ChaosSettings,
  target: TargetKind<Blow>,
): Promise<boolean> => {
  const results: ChaosResult[] = [];
  for (const seed of settings.SEED) {
    const options = {
      seed,
      ...sizeOf(settings),
      ...(settings.VERBOSE === '1' && { say: (line: string) => console.log(line) }),
    };
    const result = await runChaos(options, target);
    results.push(result);
    console.log(tableOf([result]));
    if (isClean(result)) await removeRun(result);
    else tellBroken(result);
  }
  const dir = join(repositoryDir, '.local');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'chaos.json'), `${toJson(results)}\n`);
  const late = brokenRecovery(results);
  const isWell = results.every(isClean) && late.length === 0;
  console.log(`\n${tableOf(results)}\n`);
  for (const sentence of late) console.log(sentence);
  if (isWell) console.log(boundSentence(results));
  return isWell;
};

/** First with the guard, then without. @returns whether the one kept every promise and the other broke the one it had to. */
const runControl = async (name: ControlName, slowFsync: string, dir: string): Promise<boolean> => {
  const { plan, unguard, breaks, what } = controls[name];
  const options: ChaosOptions = { seed: 1, faults: 0, ...plan };
  console.log(`control ${name}: ${what}`);
  const guarded = await runChaos(options, localTarget({ slowFsync }));
  console.log(`with the guard\n${tableOf([guarded])}`);
  if (!isClean(guarded)) tellBroken(guarded);
  const unguarded = await runChaos(options, localTarget({ slowFsync, ...(await unguard(dir)) }));
  const broken = [...brokenPromises(unguarded), ...brokenRecovery([unguarded])];
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

const runHere = async (settings: ChaosSettings): Promise<boolean> => {
  const dir = await mkdtemp(join(tmpdir(), 'factorial-chaos-'));
  try {
    const slowFsync = await buildSlowFsync(dir);
    return settings.CONTROL === undefined
      ? await runSeeds(settings, localTarget({ slowFsync }))
      : await runControl(settings.CONTROL, slowFsync, dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

const runInCluster = async (settings: ChaosSettings): Promise<boolean> => {
  await ensureCluster();
  return runSeeds(settings, clusterTarget({ imageTag: settings.IMAGE_TAG }));
};

const main = async (): Promise<void> => {
  const settings = loadConfigOrExit(settingsSchema, process.env);
  const isWell = await (settings.CLUSTER === '1' ? runInCluster : runHere)(settings);
  process.exitCode = isWell ? 0 : 1;
};

await main();

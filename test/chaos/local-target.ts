/** The system under fault as processes of this machine. */
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../../bench/scaler-simulator/random.ts';
import { type ChaosSystem, type ChaosSystemOptions, startChaosSystem } from './chaos-system.ts';
import { inject, type InjectorDeps } from './faults/inject.ts';
import { createChaosPart } from './processes/chaos-part.ts';
import { processesOf } from './processes/find-processes.ts';
import { type JanitorLoop, startJanitorLoop } from './processes/janitor-loop.ts';
import type { ChaosTarget, StartOptions, TargetKind } from './run-chaos.ts';
import { type Fault, faultRules } from './schedule/fault.ts';
import { makeSchedule } from './schedule/make-schedule.ts';

/** What is special to a run here; `slowFsync` undefined: faults of slow disks are left out. */
export type LocalOptions = Omit<ChaosSystemOptions, 'dir'>;

const recoveryLimitMs = 45_000;
const janitorEveryMs = 3_000;
/** Longer than whatever a part needs may be away. */
const startLimitMs = 120_000;

const createInjector = (
  chaos: ChaosSystem,
  janitor: JanitorLoop,
  { seed, calm }: StartOptions,
): InjectorDeps & { settled: () => Promise<void>; missing: () => string[] } => {
  const random = createRandom(seed + 1);
  const { programs } = chaos;
  const part = (name: keyof typeof programs) => createChaosPart(name, programs[name], startLimitMs);
  const parts = {
    redis: part('redis'),
    rabbitmq: part('rabbitmq'),
    'api-0': part('api-0'),
    'api-1': part('api-1'),
    'worker-0': part('worker-0'),
    'worker-1': part('worker-1'),
    scaler: part('scaler'),
  };
  return {
    ...chaos,
    parts,
    find: {
      'scaled-worker': chaos.scaledWorkers,
      runner: chaos.runners,
      janitor: async () => Promise.resolve(janitor.pids()),
    },
    random: () => random.next(),
    signal: calm,
    settled: async () => void (await Promise.all(Object.values(parts).map(async (one) => one.settled()))),
    missing: () => Object.values(parts).flatMap((one) => one.missing()),
  };
};

const keepLogs = async ({ system }: ChaosSystem, dir: string): Promise<void> => {
  for (const name of await readdir(system.dir)) {
    if (name.endsWith('.log')) await copyFile(join(system.dir, name), join(dir, name));
  }
};

const start = async (local: LocalOptions, options: StartOptions): Promise<ChaosTarget<Fault>> => {
  const { dir, calm } = options;
  const chaos = await startChaosSystem({ ...local, dir });
  const janitor = startJanitorLoop(chaos.system.runJanitor, janitorEveryMs, calm);
  const injector = createInjector(chaos, janitor, options);
  const { apiUrl, token, redisUrl } = chaos.system;
  const calmed = async (): Promise<void> => janitor.done;
  const stop = async (): Promise<void> => {
    await calmed();
    await chaos.stop();
  };
  return {
    apiUrl,
    token,
    redisUrl,
    inject: async (fault, blow) => inject(injector, fault, blow),
    settled: injector.settled,
    calmed,
    messages: chaos.messages,
    end: async () => {
      await keepLogs(chaos, dir);
      await stop();
      const processes = (await processesOf(dir)).map((pid) => `process ${pid} outlived the system`);
      return [...injector.missing(), ...processes];
    },
    stop,
  };
};

export const localTarget = (local: LocalOptions): TargetKind<Fault> => {
  const rules = faultRules.filter(({ blow }) => local.slowFsync !== undefined || blow.kind !== 'slow-disk');
  return {
    schedule: (size, random) => makeSchedule({ ...size, rules }, random),
    recoveryLimitMs,
    start: async (options) => start(local, options),
  };
};

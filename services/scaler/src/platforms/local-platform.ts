/** A single machine: the workers are processes of the scaler, and there is no other scaler beside it. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Service } from '@factorial/core/lifecycle/service';
import type { LocalConfig } from '../config.ts';
import { createAlwaysLeading } from '../leader/always-leading.ts';
import { settingsFrom } from '../settings-from.ts';
import { inheritedEnv } from '../targets/local-processes/inherited-env.ts';
import {
  createLocalProcessesTarget,
  type LocalProcessesDeps,
} from '../targets/local-processes/local-processes-target.ts';
import { outputToFiles, outputWithPrefix } from '../targets/local-processes/worker-output.ts';
import type { Platform } from './platform.ts';

export interface LocalPlatformDeps {
  config: LocalConfig;
  /** Our own environment. */
  env: Readonly<Record<string, string | undefined>>;
}

type ForAllPools = Pick<LocalProcessesDeps, 'command' | 'openOutput' | 'graceMs' | 'now' | 'random'>;

const forAllPools = (config: LocalConfig): ForAllPools => {
  const { LOCAL_WORKER_COMMAND: command, LOCAL_WORKER_LOG_DIR: folder } = config;
  return {
    command,
    openOutput: folder ? outputToFiles(folder) : outputWithPrefix(process.stdout, process.stderr),
    graceMs: config.LOCAL_WORKER_GRACE_SECONDS * 1_000,
    now: Date.now,
    random: Math.random,
  };
};

export const createLocalPlatform = ({ config, env }: LocalPlatformDeps): Platform => {
  const common = forAllPools(config);
  const targets: Service[] = [];
  const outputPrefix = (pool: string): string => (config.POOLS.length > 1 ? `${pool}-` : '');
  return {
    leadership: createAlwaysLeading(),
    inTouch: () => true,
    identity: hostname(),
    services: () => targets,
    graceMs: common.graceMs,
    pools: config.POOLS.map((pool) => ({
      pool,
      create: (exited) => {
        const { name } = pool;
        const target = createLocalProcessesTarget({
          ...common,
          env: { ...inheritedEnv(env), ...config.LOCAL_WORKER_ENV, POOL: name },
          initialWorkers: config.DRY_RUN ? 0 : settingsFrom(config, pool).minWorkers,
          newWorkerId: (place) => `local-${place}-${randomBytes(4).toString('hex')}`,
          outputName: (place) => `${outputPrefix(name)}worker-${place}`,
          exited,
        });
        targets.push(target);
        return { target, tell: () => undefined };
      },
    })),
  };
};

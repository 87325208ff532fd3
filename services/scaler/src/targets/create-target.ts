/** Makes the scale target that the configuration names. The one for Kubernetes will be a second case here. */
import { randomBytes } from 'node:crypto';
import type { Service } from '@factorial/core/lifecycle/service';
import type { ScalerConfig } from '../config.ts';
import { inheritedEnv } from './local-processes/inherited-env.ts';
import { createLocalProcessesTarget } from './local-processes/local-processes-target.ts';
import { outputToFiles, outputWithPrefix } from './local-processes/worker-output.ts';
import type { WorkerExit } from './local-processes/worker-slot.ts';
import type { ScaleTarget } from './scale-target.ts';

export interface CreateTargetDeps {
  config: ScalerConfig;
  /** Our own environment. */
  env: Readonly<Record<string, string | undefined>>;
  exited: (exit: WorkerExit) => void;
}

export const createTarget = ({ config, env, exited }: CreateTargetDeps): ScaleTarget & Service =>
  createLocalProcessesTarget({
    command: config.LOCAL_WORKER_COMMAND,
    env: { ...inheritedEnv(env), ...config.LOCAL_WORKER_ENV },
    initialWorkers: config.DRY_RUN ? 0 : config.MIN_WORKERS,
    openOutput: config.LOCAL_WORKER_LOG_DIR
      ? outputToFiles(config.LOCAL_WORKER_LOG_DIR)
      : outputWithPrefix(process.stdout, process.stderr),
    newWorkerId: (place) => `local-${place}-${randomBytes(4).toString('hex')}`,
    graceMs: config.LOCAL_WORKER_GRACE_SECONDS * 1_000,
    exited,
    now: Date.now,
    random: Math.random,
  });

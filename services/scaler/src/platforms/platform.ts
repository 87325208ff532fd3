/** Where the scaler runs: what scales a pool there, who may act, and where beside log and metrics it is told. */
import type { Service } from '@factorial/core/lifecycle/service';
import type { PoolConfig } from '../config-pools.ts';
import type { TickReport } from '../control-loop.ts';
import type { Leadership } from '../leader/leadership.ts';
import type { WorkerExit } from '../targets/local-processes/worker-slot.ts';
import type { ScaleTarget } from '../targets/scale-target.ts';

export interface PoolPlatform {
  target: ScaleTarget;
  tell: (report: TickReport) => void;
}

export interface PoolPlace {
  pool: PoolConfig;
  /** @param exited told of every worker that ends unasked, where the scaler sees that. */
  create: (exited: (exit: WorkerExit) => void) => PoolPlatform;
}

export interface Platform {
  leadership: Leadership;
  /** Whether it could be reached lately by what decides on who leads. */
  inTouch: () => boolean;
  /** This scaler among several. */
  identity: string;
  /** How long what is under way may go on after a stop was asked for. */
  graceMs: number;
  pools: readonly PoolPlace[];
  /** What has to live for all this; complete when each pool has been created. */
  services: () => readonly Service[];
}

/**
 * Looks at every job whose time has come: a lease that ran out, a delay that is over, a message that nobody confirmed or
 * took. Runs in every api process; the scripts make that safe.
 */
import { AppError } from '@factorial/core/errors/app-error';
import { toError } from '@factorial/core/errors/to-error';
import type { DueJobs, ReapOutcome } from '@factorial/core/jobs/job-store';
import type { Service } from '@factorial/core/lifecycle/service';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Logger } from '@factorial/core/ops/logger';
import type { Clock } from '@factorial/core/time/clock';
import type { Dispatcher } from './dispatch.ts';
import type { PublicationBudget } from './publication-budget.ts';

export interface SweeperDeps {
  dueJobs: DueJobs;
  dispatcher: Dispatcher;
  /** How many merely waiting jobs may be published, pool by pool. */
  readBudget: () => Promise<PublicationBudget>;
  /** The pool of a job; undefined when it is gone. */
  poolOf: (id: string) => Promise<string | undefined>;
  clock: Clock;
  logger: Logger;
  /** In [0, 1). */
  random: () => number;
  leaseMs: number;
  intervalMs?: number;
  /** Told of each look at a job. */
  onReaped: (kind: ReapOutcome['kind']) => void;
}

export interface Sweeper extends Service {
  /** One sweep. @returns how many jobs were looked at. */
  runOnce(): Promise<number>;
}

const batchSize = 100;
/** Of batches in one sweep: the rest is for the next. */
const mostBatches = 50;

/** Says when leases may not be trusted: Redis was restarted, or could not be reached for longer than half a lease. */
const createPause = ({ dueJobs, clock, leaseMs }: SweeperDeps) => {
  let runId: string | undefined;
  let reachedAtMs = 0;
  let untilMs = 0;
  const reached = (): void => {
    reachedAtMs = clock.now();
  };
  /** Holders that live take their leases up again meanwhile, and an outage costs no tries. */
  const mustPause = async (): Promise<boolean> => {
    const current = await dueJobs.runId();
    const now = clock.now();
    const away = now - reachedAtMs > leaseMs / 2;
    if (runId !== undefined && (runId !== current || away)) untilMs = now + leaseMs;
    runId = current;
    reached();
    return now < untilMs;
  };
  return { reached, mustPause };
};

const reapOne = async (deps: SweeperDeps, budget: PublicationBudget, id: string): Promise<void> => {
  const pool = budget.isSinglePool ? budget.onlyPool : await deps.poolOf(id);
  const mayPublish = pool !== undefined && budget.take(pool);
  const outcome = await deps.dueJobs.reap(id, mayPublish);
  deps.onReaped(outcome.kind);
  if (outcome.kind === 'failed') {
    deps.logger.info({ jobId: id, reason: outcome.reason }, 'job ended by the sweeper');
  }
  if (outcome.kind === 'publish') await deps.dispatcher.dispatch(outcome.publication);
  else if (mayPublish) budget.giveBack(pool);
};

export const createSweeper = (deps: SweeperDeps): Sweeper => {
  const { logger, intervalMs = 2_000 } = deps;
  const pause = createPause(deps);
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  /** A record that cannot be read must not keep the others from being looked at, now or in the next batch. */
  const reapOrPutOff = async (id: string, budget: PublicationBudget): Promise<void> => {
    try {
      await reapOne(deps, budget, id);
    } catch (error) {
      if (error instanceof AppError) throw error;
      logger.error({ err: toError(error), jobId: id }, 'job could not be looked at');
      await deps.dueJobs.putOff(id);
    }
  };

  const sweepBatch = async (budget: PublicationBudget): Promise<number> => {
    const ids = await deps.dueJobs.due(batchSize);
    pause.reached();
    await Promise.all(ids.map(async (id) => reapOrPutOff(id, budget)));
    return ids.length;
  };

  const runOnce = async (): Promise<number> => {
    if (await pause.mustPause()) return 0;
    const budget = await deps.readBudget();
    let seen = 0;
    for (let batch = 0; batch < mostBatches && !stopping.signal.aborted; batch += 1) {
      const count = await sweepBatch(budget);
      seen += count;
      if (count < batchSize) break;
    }
    return seen;
  };

  const loop = async (): Promise<void> => {
    // Replicas that were started together do not sweep together.
    let waitMs = deps.random() * intervalMs;
    while (await sleep(waitMs, stopping.signal)) {
      await runOnce().catch((error: unknown) => logger.warn({ err: toError(error) }, 'sweep failed'));
      waitMs = intervalMs;
    }
  };

  return {
    name: 'sweeper',
    start: async () => {
      running ??= loop();
      await Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await running;
      await deps.dispatcher.settled();
    },
    runOnce,
  };
};

/** How many waiting jobs of each pool have no message in the broker any more, as far as the counts tell. */
import { toError } from '@factorial/core/errors/to-error';
import type { DueJobs } from '@factorial/core/jobs/job-store';
import type { Logger } from '@factorial/core/ops/logger';
import type { JobPublisher } from '@factorial/core/queue/job-queue';
import type { RegisteredWorker } from '@factorial/core/workers/worker-registry';

export interface PublicationBudget {
  /** Leave to publish one more waiting job of this pool. */
  take(pool: string): boolean;
  giveBack(pool: string): void;
  /** With one pool alone nobody has to ask which one a job is in. */
  isSinglePool: boolean;
  onlyPool: string | undefined;
}

export interface PublicationBudgetDeps {
  dueJobs: Pick<DueJobs, 'waiting' | 'pools'>;
  publisher: Pick<JobPublisher, 'health' | 'messagesReady'>;
  workers: { list: (pool: string) => Promise<readonly Pick<RegisteredWorker, 'held'>[]> };
  logger: Logger;
}

/** Waiting jobs less the messages that stand for them: those ready, and those that workers hold and have not claimed. */
const deficitOf = async (
  { dueJobs, publisher, workers, logger }: PublicationBudgetDeps,
  pool: string,
): Promise<number> => {
  if (!publisher.health(pool).ok) return 0;
  const [waiting, registered] = await Promise.all([dueJobs.waiting(pool), workers.list(pool)]);
  if (waiting === 0) return 0;
  const held = registered.reduce((total, worker) => total + worker.held, 0);
  try {
    return Math.max(0, waiting - (await publisher.messagesReady(pool)) - held);
  } catch (error) {
    // Unknown is not zero: who waits goes on waiting, for its message is most likely there.
    logger.debug({ err: toError(error), pool }, 'broker does not tell its count');
    return 0;
  }
};

const createPublicationBudget = (
  deficits: ReadonlyMap<string, number>,
  { publisher }: PublicationBudgetDeps,
): PublicationBudget => {
  const left = new Map(deficits);
  const change = (pool: string, by: number): void => void left.set(pool, (left.get(pool) ?? 0) + by);
  return {
    take: (pool) => {
      // It may have refused a message of this sweep: no need to hear that of each.
      if ((left.get(pool) ?? 0) <= 0 || !publisher.health(pool).ok) return false;
      change(pool, -1);
      return true;
    },
    giveBack: (pool) => change(pool, 1),
    isSinglePool: deficits.size === 1,
    onlyPool: deficits.keys().next().value,
  };
};

export const readPublicationBudget = async (deps: PublicationBudgetDeps): Promise<PublicationBudget> => {
  const pools = await deps.dueJobs.pools();
  const deficits = await Promise.all(
    pools.map(async (pool): Promise<[string, number]> => [pool, await deficitOf(deps, pool)]),
  );
  return createPublicationBudget(new Map(deficits), deps);
};

/** Sends a stored job's message on its way without making anybody wait: the record is durable, the sweeper is the net. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DueJobs, Publication } from '@factorial/core/jobs/job-store';
import type { Logger } from '@factorial/core/ops/logger';
import type { JobPublisher } from '@factorial/core/queue/job-queue';
import { toPlainInput } from '@factorial/core/tasks/task-definition';
import type { TaskRegistry } from '@factorial/core/tasks/task-registry';
import { toError } from '@factorial/core/errors/to-error';

export interface DispatcherDeps {
  publisher: JobPublisher;
  dueJobs: DueJobs;
  tasks: TaskRegistry;
  logger: Logger;
  /** Told of each message that the broker did not confirm. */
  onUnconfirmed: () => void;
}

export interface Dispatcher {
  /** Publishes; resolves to whether the broker confirmed. Never rejects. */
  dispatch(publication: Publication): Promise<boolean>;
  /** Resolves when the confirmations seen so far are noted. */
  settled(): Promise<void>;
}

type Confirmed = Pick<Publication, 'id' | 'publication'>;

/** Confirmations arrive in swarms: those of this long are noted with one command. */
const gatherMs = 10;

/** Notes confirmations in Redis, many at a time. One that cannot be noted costs a second message, nothing else. */
const createConfirmationNotes = ({ dueJobs, logger }: Pick<DispatcherDeps, 'dueJobs' | 'logger'>) => {
  let confirmed: Confirmed[] = [];
  let noting: Promise<void> | undefined;

  const note = async (): Promise<void> => {
    await delay(gatherMs);
    const gathered = confirmed;
    confirmed = [];
    noting = undefined;
    await dueJobs.published(gathered).catch((error: unknown) => {
      logger.debug({ err: toError(error), jobs: gathered.length }, 'confirmations not noted');
    });
  };

  return {
    add: (one: Confirmed): void => {
      confirmed.push(one);
      noting ??= note();
    },
    settled: async (): Promise<void> => noting,
  };
};

export const createDispatcher = (deps: DispatcherDeps): Dispatcher => {
  const notes = createConfirmationNotes(deps);
  return {
    dispatch: async ({ id, pool, task, publication, input, traceparent }) => {
      try {
        const plain = toPlainInput(await deps.tasks.get(task), input);
        const trace = traceparent === undefined ? {} : { traceparent };
        await deps.publisher.publish({ jobId: id, pool, publication, input: plain, ...trace });
        notes.add({ id, publication });
        return true;
      } catch (error) {
        deps.onUnconfirmed();
        deps.logger.debug({ err: toError(error), jobId: id, publication }, 'publication not confirmed');
        return false;
      }
    },
    settled: notes.settled,
  };
};

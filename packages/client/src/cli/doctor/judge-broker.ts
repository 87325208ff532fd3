/** Would a job be accepted now? A submission that can be none tells: the api looks at its broker before it looks for the task. */
import type { FactorialClient } from '../../client.ts';
import { FactorialError } from '../../errors.ts';
import { fault, type Finding, ok } from './finding.ts';

/** No task can have this name. */
const noTask = '?';

/** What to do about a refusal, by its code. */
export const mends: Readonly<Record<string, string>> = {
  'queue-unavailable':
    'Start RabbitMQ, or mend the AMQP_URL of the api; where it is "blocked", give it memory or disk: rabbitmqctl status.',
  'store-unavailable': 'Start Redis, or mend the REDIS_URL of the api.',
  'store-full': 'Give Redis more memory (maxmemory), or let the janitor run more often.',
  'quota-exceeded': 'Wait for some of your jobs, or cancel some: factorial ls --status queued.',
  'queue-full': 'Wait, or let the scaler start more workers: the backlog is at its limit.',
};

export const refusedFor = ({ code, message }: FactorialError, check: 'broker' | 'run'): Finding =>
  fault(check, code, [
    `New jobs are refused: ${message}`,
    mends[code] ?? 'Look at the log of the api: it has the reason.',
  ]);

/** @returns undefined where the token may not submit: that is said elsewhere. */
export const judgeBroker = async (
  client: FactorialClient,
  signal: AbortSignal,
): Promise<Finding | undefined> => {
  try {
    await client.submit({ task: noTask, input: {} }, { signal });
  } catch (error) {
    if (!(error instanceof FactorialError)) throw error;
    if (error.code === 'task-not-found') return ok('broker', 'the api reaches RabbitMQ and Redis');
    return error.status === 401 || error.status === 403 ? undefined : refusedFor(error, 'broker');
  }
  return undefined;
};

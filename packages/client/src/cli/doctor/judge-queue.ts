/** Is there a task, is its pool at work, and does the scaler look after it? */
import type { Queue, Task } from '../../api-types.ts';
import { inWords, since } from '../durations.ts';
import { reasonInWords, scalerInWords } from '../scaler-words.ts';
import { fault, type Finding, ok, warning } from './finding.ts';

type Pool = Queue['pools'][number];

export const judgeTasks = (tasks: readonly Task[]): Finding =>
  tasks.length > 0
    ? ok('task', tasks.map(({ name }) => name).join(', '))
    : fault('task', 'no-task', [
        'No worker has ever announced a task.',
        'Start a worker; if one runs, its log says why it does not reach the api (INTERNAL_URL, INTERNAL_TOKEN_FILE).',
      ]);

/** So long nobody takes a job while somebody is idle: the hint that there is one does not arrive. */
const stuckSeconds = 35;

const judgeBacklog = (pool: Pool, nowMs: number): Finding => {
  const name = `pool ${pool.pool}`;
  if (pool.paused) {
    const howLong = pool.pausedSince === undefined ? '' : ` for ${since(pool.pausedSince, nowMs)}`;
    return fault('queue', 'pool-paused', [
      `The ${name} is paused${howLong}: jobs wait.`,
      `Let it go on: POST /v1/pools/${pool.pool}/resume with a token of the scope admin.`,
    ]);
  }
  if (pool.oldestWaitSeconds > stuckSeconds && pool.workers.idle > 0) {
    return fault('queue', 'queue-stuck', [
      `In the ${name} ${pool.ready} jobs wait, for up to ${inWords(pool.oldestWaitSeconds)}, and ${pool.workers.idle} workers are idle.`,
      'Look whether the workers reach RabbitMQ: their logs, and the consumers of the queue.',
    ]);
  }
  const eta =
    pool.etaSeconds === undefined ? '' : `; one submitted now is done in about ${inWords(pool.etaSeconds)}`;
  return ok('queue', `${name}: ${pool.ready} wait, ${pool.inFlight} run${eta}`);
};

const judgeWorkers = ({ pool, workers }: Pool): Finding => {
  const { busy, idle, draining } = workers;
  if (busy + idle > 0) return ok('worker', `pool ${pool}: ${busy} busy, ${idle} idle, ${draining} draining`);
  if (draining > 0) {
    return warning('worker', 'workers-drain', [
      `All ${draining} workers of the pool ${pool} are draining: they take no further job.`,
      'Wait for the scaler; if none speaks, start a worker.',
    ]);
  }
  return fault('worker', 'no-worker', [
    `No worker of the pool ${pool} has given a sign of life within 10 s.`,
    'Start one, or look why none comes up: its log, in a cluster kubectl describe pod (no room on the nodes?).',
  ]);
};

const judgeScaler = ({ pool, scaler, paused }: Pool): Finding => {
  if (scaler === undefined) {
    return warning('scaler', 'scaler-silent', [
      `No scaler has spoken of the pool ${pool} within 15 s: the number of its workers stays as it is.`,
      'Start it, or look at its log; where KEDA or nobody scales, this is as it has to be.',
    ]);
  }
  // A paused pool is told of as that, and the scaler holds with it.
  if (scaler.decision === 'hold' && !paused) {
    return warning('scaler', 'scaler-holds', [
      `The scaler holds the pool ${pool} as it is: ${reasonInWords(scaler)}.`,
      scaler.reason.startsWith('queue-unknown')
        ? "Mend the scaler's way to RabbitMQ's management API: RABBITMQ_MANAGEMENT_URL, user and password."
        : "The reason says what it lacks; the scaler's log has more.",
    ]);
  }
  return ok('scaler', `pool ${pool}: ${scalerInWords(scaler)}`);
};

/** @param nowMs by the api's clock. */
export const judgePools = (queue: Queue, tasks: readonly Task[], nowMs: number): Finding[] => {
  const served = new Set(tasks.map(({ pool }) => pool));
  // A pool that serves nothing and in which nobody waits is of no interest.
  const pools = queue.pools.filter(({ pool, ready }) => served.has(pool) || ready > 0);
  return pools.flatMap((pool) => [judgeBacklog(pool, nowMs), judgeWorkers(pool), judgeScaler(pool)]);
};

/** One claimed job, from the runner to the last word about it. */
import { toError } from '@factorial/core/errors/to-error';
import type { AttemptRef, ClaimOutcome, Outcome } from '@factorial/core/internal/protocol';
import type { Logger } from '@factorial/core/ops/logger';
import type { InternalClient } from './internal-client.ts';
import { failedOutcome, outcomeOf } from './outcome-of.ts';
import type { RunReporter } from './run-reporter.ts';
import type { RunResult } from './runner/run-result.ts';
import type { Slot } from './runner/slot.ts';
import type { Task } from './tasks/load-tasks.ts';
import type { JobEnd } from './worker-metrics.ts';
import type { Work } from './work.ts';

export interface RunJobDeps {
  tasks: ReadonlyMap<string, Task>;
  client: Pick<InternalClient, 'report' | 'upload'>;
  reporter: RunReporter;
  maxOutputBytes: number;
  logger: Logger;
}

export type ClaimedJob = ClaimOutcome & { outcome: 'ok' };

export interface RunJobArgs {
  work: Work & { ref: AttemptRef };
  job: ClaimedJob;
  slot: Slot;
}

/** Told after the run, while the outcome may still be on its way: the slot is free. */
type OnRan = () => void;

/** Another worker of the pool may know it. */
const notServed = (task: string) => ({
  code: 'task-not-served',
  message: `this worker does not serve the task ${task}`,
});

/** `undefined`: the job is not ours any more, there is nothing to tell. */
const outcomeFor = async (
  deps: RunJobDeps,
  { work, job }: RunJobArgs,
  result: RunResult,
): Promise<Outcome | undefined> => {
  const task = deps.tasks.get(job.task);
  if (!task) return failedOutcome(work.ref, notServed(job.task), 'backoff');
  if (work.stopReason === 'lost' || (work.stopReason === 'cancel' && result.kind === 'stopped'))
    return undefined;
  return outcomeOf(result, {
    ref: work.ref,
    task,
    client: deps.client,
    maxOutputBytes: deps.maxOutputBytes,
  });
};

const report = async (deps: RunJobDeps, outcome: Outcome): Promise<void> => {
  const { id, attempt, token } = outcome;
  const answer = await deps.client.report(outcome);
  if (answer !== 'refused') {
    deps.logger.debug({ jobId: id, attempt, result: outcome.result, answer }, 'outcome told');
    return;
  }
  const error = { code: 'outcome-refused', message: 'the api did not take the outcome of this run' };
  await deps.client.report(failedOutcome({ id, attempt, token }, error, 'backoff'));
};

const endOf = (work: Work, outcome: Outcome | undefined): JobEnd => {
  if (!outcome) return work.stopReason === 'lost' ? 'lost' : 'cancelled';
  return outcome.result === 'done-uploaded' ? 'done' : outcome.result;
};

const answerDelivery = (work: Work, end: JobEnd): void => {
  if (end === 'released') work.delivery.requeue();
  else work.delivery.ack();
};

const runInSlot = async (deps: RunJobDeps, { work, job, slot }: RunJobArgs): Promise<RunResult> => {
  const { ref } = work;
  return slot.run({
    task: job.task,
    id: ref.id,
    attempt: ref.attempt,
    input: job.input,
    timeLimitMs: job.runTimeoutSeconds * 1_000,
    onProgress: (value, message) => deps.reporter.progress(ref, value, message),
    onLog: (line) => deps.reporter.log(ref, `${line}\n`),
    onOutput: (chunk) => deps.reporter.output(ref, chunk),
  });
};

/** Runs it, tells how it ended, answers the delivery. Never rejects. @returns how it ended. */
export const runJob = async (deps: RunJobDeps, args: RunJobArgs, onRan: OnRan): Promise<JobEnd> => {
  const { work, job } = args;
  const { id, attempt } = work.ref;
  try {
    const result: RunResult = deps.tasks.has(job.task) ? await runInSlot(deps, args) : { kind: 'stopped' };
    onRan();
    await deps.reporter.finish(work.ref);
    const outcome = await outcomeFor(deps, args, result);
    if (outcome) await report(deps, outcome);
    const end = endOf(work, outcome);
    answerDelivery(work, end);
    return end;
  } catch (thrown) {
    // Whoever gets the message next finds the job held until the lease runs out, or takes it when we are silent.
    deps.logger.error({ err: toError(thrown), jobId: id, attempt }, 'outcome could not be told');
    work.delivery.requeue();
    return 'lost';
  }
};

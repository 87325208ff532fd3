/** Does a job come back? The one look that leaves a trace, and is made only when asked for. */
import type { Job, JobSubmission } from '../../api-types.ts';
import type { FactorialClient } from '../../client.ts';
import { FactorialError, JobFailedError } from '../../errors.ts';
import { inWords } from '../durations.ts';
import { fault, type Finding, ok } from './finding.ts';
import { refusedFor } from './judge-broker.ts';

export interface JudgeRunOptions {
  submission: JobSubmission;
  timeoutMs: number;
  signal: AbortSignal;
}

/** What was asked for cannot be: that is for the person at the terminal to mend, not in the api. */
const mendOf = ({ code, problem }: FactorialError, task: string): string | undefined => {
  if (code === 'invalid-input')
    return `Give one that it takes with --input: \`factorial task show ${task}\`.`;
  if (code !== 'task-not-found') return undefined;
  const names: unknown = problem?.['knownTasks'];
  return Array.isArray(names) && names.length > 0
    ? `Name one of ${names.join(', ')} with --task, and an input for it with --input.`
    : 'Start a worker that serves it.';
};

const faultsOf = ({ errors = [] }: FactorialError): string =>
  errors.map(({ pointer, detail }) => ` ${pointer}: ${detail}.`).join('');

const refused = (error: unknown, task: string): Finding => {
  if (!(error instanceof FactorialError)) throw error;
  const mend = mendOf(error, task);
  if (mend === undefined) return refusedFor(error, 'run');
  return fault('run', error.code, [`The test job was refused: ${error.message}${faultsOf(error)}`, mend]);
};

const failed = (job: Job): Finding =>
  fault('run', 'job-failed', [
    `The test job came back: ${new JobFailedError(job).message}.`,
    'Look at the log of the worker, and at docs/errors.md for the code.',
  ]);

const stuck = (timeoutMs: number): Finding =>
  fault('run', 'job-stuck', [
    `The test job had not ended after ${inWords(timeoutMs / 1_000)}; it was cancelled.`,
    'If there are workers and the line is short, look whether they reach RabbitMQ and the api: their logs.',
  ]);

export const judgeRun = async (client: FactorialClient, options: JudgeRunOptions): Promise<Finding> => {
  const { submission, timeoutMs, signal } = options;
  const beganMs = performance.now();
  let submitted: Job | undefined;
  try {
    submitted = await client.submit(submission, { signal });
    const job = await client.wait(submitted, { timeoutMs, signal });
    const took = inWords((performance.now() - beganMs) / 1_000);
    return job.status === 'done'
      ? ok('run', `a job of ${submission.task} came back after ${took}`)
      : failed(job);
  } catch (error) {
    signal.throwIfAborted();
    const isStuck = error instanceof FactorialError && error.code === 'wait-timeout';
    if (!isStuck || submitted === undefined) return refused(error, submission.task);
    // Nobody waits for it any more; where it cannot be cancelled, it will end by itself.
    await client.cancel(submitted, { signal }).catch(() => undefined);
    return stuck(timeoutMs);
  }
};

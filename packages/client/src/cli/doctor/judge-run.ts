/** Does a job come back? The one look that leaves a trace, and is made only when asked for. */
import type { JobSubmission } from '../../api-types.ts';
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

const failedWith = (error: unknown, timeoutMs: number): Finding => {
  if (error instanceof JobFailedError) {
    return fault('run', 'job-failed', [
      `The test job came back: ${error.message}.`,
      'Look at the log of the worker, and at docs/errors.md for the code.',
    ]);
  }
  if (!(error instanceof FactorialError)) throw error;
  if (error.code !== 'wait-timeout') return refusedFor(error, 'run');
  return fault('run', 'job-stuck', [
    `The test job had not ended after ${inWords(timeoutMs / 1_000)}.`,
    'If there are workers and the line is short, look whether they reach RabbitMQ and the api: their logs.',
  ]);
};

export const judgeRun = async (client: FactorialClient, options: JudgeRunOptions): Promise<Finding> => {
  const { submission, timeoutMs, signal } = options;
  const beganMs = performance.now();
  try {
    await client.run(submission, { timeoutMs, signal });
    return ok(
      'run',
      `a job of ${submission.task} came back after ${inWords((performance.now() - beganMs) / 1_000)}`,
    );
  } catch (error) {
    signal.throwIfAborted();
    return failedWith(error, timeoutMs);
  }
};

/** Turns how a run ended into what the api is told, and brings large outputs over first. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { assertNever } from '@factorial/core/errors/assert-never';
import { toError } from '@factorial/core/errors/to-error';
import type { AttemptRef, Outcome } from '@factorial/core/internal/protocol';
import { isTextMediaType, outputBytes } from '@factorial/core/jobs/output-bytes';
import type { InternalClient } from './internal-client.ts';
import { RefusedError } from './internal-http.ts';
import type { RunResult } from './runner/run-result.ts';
import type { Task } from './tasks/load-tasks.ts';

export interface OutcomeContext {
  ref: AttemptRef;
  task: Task;
  client: Pick<InternalClient, 'upload'>;
  maxOutputBytes: number;
}

/** An output above this size travels by itself. */
const inlineBytes = 256 * 1_024;

export const failedOutcome = (
  ref: AttemptRef,
  error: { code: string; message: string },
  retry: 'never' | 'backoff' = 'never',
): Outcome & { result: 'failed' } => ({
  ...ref,
  result: 'failed',
  error: { ...error, message: error.message.slice(0, 4_000) },
  retry,
});

/** A task of text is expected to give text; a number it gives instead is written out. */
const valueOf = (output: unknown, mediaType: string): unknown =>
  isTextMediaType(mediaType) && typeof output !== 'string' ? JSON.stringify(output) : output;

/** Another attempt holds the job, or it is gone. */
const overStatuses = new Set([404, 409, 410]);

const uploaded = async (body: Buffer, mediaType: string, context: OutcomeContext): Promise<Outcome> => {
  const { ref, client, maxOutputBytes } = context;
  if (body.length > maxOutputBytes) return failedOutcome(ref, tooLarge(body.length, maxOutputBytes));
  try {
    await client.upload({ ref, body, mediaType });
  } catch (thrown) {
    if (!(thrown instanceof RefusedError)) throw thrown;
    // An attempt that is over: the outcome will be told so too.
    if (!overStatuses.has(thrown.status)) {
      return failedOutcome(ref, { code: 'output-refused', message: thrown.message });
    }
  }
  return { ...ref, result: 'done-uploaded' };
};

const tooLarge = (bytes: number, maxBytes: number): { code: string; message: string } => ({
  code: 'output-too-large',
  message: `the output has ${bytes} bytes, ${maxBytes} are allowed`,
});

const doneOutcome = async (output: unknown, context: OutcomeContext): Promise<Outcome> => {
  const { mediaType } = context.task.definition.output;
  const value = valueOf(output, mediaType);
  // UTF-8 needs at most three bytes for a unit of a string: a short one needs no exact count.
  if (typeof value === 'string' && value.length * 3 <= inlineBytes) {
    return { ...context.ref, result: 'done', output: value, mediaType };
  }
  const bytes = outputBytes(value, mediaType);
  if (bytes.length > inlineBytes) return uploaded(bytes, mediaType, context);
  return { ...context.ref, result: 'done', output: value, mediaType };
};

const fileOutcome = async (
  result: RunResult & { kind: 'file' },
  context: OutcomeContext,
): Promise<Outcome> => {
  const path = resolve(context.task.folder, result.path);
  try {
    const { size } = await stat(path);
    if (size > context.maxOutputBytes)
      return failedOutcome(context.ref, tooLarge(size, context.maxOutputBytes));
  } catch (thrown) {
    const message = `the output file cannot be read: ${toError(thrown).message}`;
    return failedOutcome(context.ref, { code: 'output-missing', message }, 'backoff');
  }
  return uploaded(
    await readFile(path),
    result.mediaType ?? context.task.definition.output.mediaType,
    context,
  );
};

const toldFailure = (result: RunResult & { kind: 'failed' }, ref: AttemptRef): Outcome => {
  const { code, message, retry, delaySeconds } = result;
  const outcome = failedOutcome(ref, { code: code.slice(0, 64), message });
  return { ...outcome, retry, ...(delaySeconds !== undefined && { delaySeconds }) };
};

/** @throws when an upload was given up because the worker stops. */
export const outcomeOf = async (result: RunResult, context: OutcomeContext): Promise<Outcome> => {
  switch (result.kind) {
    case 'done':
      return doneOutcome(result.output, context);
    case 'file':
      return fileOutcome(result, context);
    case 'stopped':
      return { ...context.ref, result: 'released' };
    case 'failed':
      return toldFailure(result, context.ref);
    default:
      return assertNever(result);
  }
};

/** Turns what a client sent into typed values, or into an error that names each fault. */
import { AppError, type FieldError } from '@factorial/core/errors/app-error';
import type { z } from 'zod';
import { invalidInput, shownFaults, summarizeFaults } from '../jobs/invalid-input.ts';

type Issue = z.core.$ZodIssue;

const escapePointer = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');
const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${escapePointer(part)}`).join('');
const toName = (path: readonly PropertyKey[]): string => path.map(String).join('.');

const sentence = (issue: Issue): string =>
  issue.code === 'invalid_type' && issue.input === undefined && issue.message.endsWith('received undefined')
    ? 'is missing'
    : issue.message;

const toFieldErrors = (
  issues: readonly Issue[],
  where: (path: readonly PropertyKey[]) => string,
): FieldError[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: where([...issue.path, key]), detail: 'is not known here' }))
      : [{ pointer: where(issue.path), detail: sentence(issue) }],
  );

/** @throws AppError 422 `invalid-input`. */
export const parseBody = <Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidInput(toFieldErrors(parsed.error.issues, toPointer));
};

/** For queries, paths and headers. @throws AppError 400 `invalid-request`. */
export const parseParameters = <Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
): z.output<Schema> => {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const errors = shownFaults(toFieldErrors(parsed.error.issues, toName));
  throw new AppError('invalid-request', summarizeFaults(errors), { errors });
};

/** Makes of an answer that is no success the error that is thrown for it. */
import type { Problem } from '../api-types.ts';
import { FactorialError } from '../errors.ts';

const longestQuoteChars = 200;

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  typeof value.code === 'string' &&
  'detail' in value &&
  typeof value.detail === 'string';

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** @returns seconds; undefined where the header is missing, or says neither a number nor a date. */
const retryAfterOf = ({ headers }: Response): number | undefined => {
  const text = headers.get('retry-after') ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1_000));
};

const unexpected = (response: Response, text: string): FactorialError => {
  const quote = text.replaceAll(/\s+/g, ' ').trim().slice(0, longestQuoteChars);
  const says = quote === '' ? 'nothing' : JSON.stringify(quote);
  return new FactorialError(`${response.url} answered ${response.status} and no problem document: ${says}`, {
    code: 'unexpected-answer',
    status: response.status,
    retryAfterSeconds: retryAfterOf(response),
  });
};

export const toFactorialError = async (response: Response): Promise<FactorialError> => {
  const text = await response.text();
  const problem = parsed(text);
  if (!isProblem(problem)) return unexpected(response, text);
  return new FactorialError(problem.detail, {
    code: problem.code,
    status: response.status,
    title: problem.title,
    retryAfterSeconds: problem.retryAfterSeconds ?? retryAfterOf(response),
    errors: problem.errors,
    requestId: response.headers.get('x-request-id') ?? undefined,
    problem,
  });
};

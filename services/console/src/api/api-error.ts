/** What can go wrong between the console and the api, and what a person can do about it. */
import { type FieldFault, type Problem, problemSchema } from './schemas.ts';

type ApiErrorFields = Omit<Problem, 'errors'> & { errors?: readonly FieldFault[] | undefined };

export class ApiError extends Error implements ApiErrorFields {
  /** Of HTTP; 0 where no answer came. */
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldFault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(fields: ApiErrorFields) {
    super(`${fields.title}: ${fields.detail}`);
    this.name = 'ApiError';
    this.status = fields.status;
    this.code = fields.code;
    this.title = fields.title;
    this.detail = fields.detail;
    this.errors = fields.errors ?? [];
    this.retryAfterSeconds = fields.retryAfterSeconds;
  }
}

export const unreachable = (): ApiError =>
  new ApiError({
    status: 0,
    code: 'unreachable',
    title: 'The API does not answer',
    detail: 'No answer came, or the connection broke off.',
  });

export const unreadable = (what: string): ApiError =>
  new ApiError({
    status: 0,
    code: 'unreadable',
    title: 'The answer cannot be read',
    detail: `${what} is not of the form that this console knows. Reload the page: it may be older than the API.`,
  });

const bodyOf = async (answer: Response): Promise<unknown> => answer.json().catch(() => undefined);

/** @param answer one that is not ok. */
export const toApiError = async (answer: Response): Promise<ApiError> => {
  const problem = problemSchema.safeParse(await bodyOf(answer));
  if (problem.success) return new ApiError(problem.data);
  return new ApiError({
    status: answer.status,
    code: 'unknown',
    title: `The API answered ${answer.status}`,
    detail: 'It did not say why. Something between here and the API may have answered in its place.',
  });
};

/** Whatever was thrown, as an error that can be shown. */
export const asApiError = (thrown: unknown): ApiError =>
  thrown instanceof ApiError
    ? thrown
    : new ApiError({
        status: 0,
        code: 'console-fault',
        title: 'A fault of the console',
        detail: thrown instanceof Error ? thrown.message : 'It did not say why.',
      });

const inSeconds = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} minutes`;

const adviceByCode: Readonly<Record<string, string>> = {
  unreachable: 'Check that the API is up and that this machine reaches it, then try again.',
  forbidden: 'Sign in with a token that has this scope.',
  'job-expired': 'Its data were deleted. Submit it again if you still need the result.',
  'job-not-found': 'Check the id. Jobs of another owner are shown to nobody else.',
  'wrong-state': 'It changed in the meantime. What you see now is its newest state.',
  'quota-exceeded': 'Wait until some of your jobs have ended, or cancel some.',
  'queue-full': 'Nothing was accepted. Wait for the backlog to shrink, then try again.',
};

/** What to do next, in one sentence. */
export const adviceFor = ({ code, status, retryAfterSeconds }: ApiError): string => {
  const known = adviceByCode[code];
  if (known !== undefined) return known;
  if (retryAfterSeconds !== undefined) return `Try again in ${inSeconds(retryAfterSeconds)}.`;
  return status >= 500 ? 'Try again in a moment.' : '';
};

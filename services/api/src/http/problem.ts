/** The body of every error answer: problem details as in RFC 9457. */
import { AppError, type AppErrorOptions } from '@factorial/core/errors/app-error';
import { errorCatalogue, type ErrorCode } from '@factorial/core/errors/error-catalogue';
import { z } from 'zod';

export const problemMediaType = 'application/problem+json';

export const problemSchema = z
  .looseObject({
    type: z.string().describe('Where this kind of error is explained.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What went wrong this time.'),
    instance: z.string().describe('The path that was asked for.'),
    code: z.string().describe('Stable name of this kind of error.'),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .optional()
      .describe('Fault by fault: a JSON pointer into the body or the name of a parameter, and the rule.'),
    retryAfterSeconds: z.number().optional(),
  })
  .describe('Problem details (RFC 9457).');
export type Problem = z.output<typeof problemSchema>;

/** The only place that knows where an error's explanation is. */
const problemType = (code: ErrorCode): string => `/docs/errors#${code}`;

export const toProblem = (error: AppError, instance: string): Problem => {
  const { errors, retryAfterSeconds, extensions } = error.options;
  return {
    type: problemType(error.code),
    title: errorCatalogue[error.code].title,
    status: error.status,
    detail: error.message,
    instance,
    code: error.code,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...extensions,
  };
};

const bodyErrors: Readonly<Record<string, [ErrorCode, string]>> = {
  'entity.parse.failed': ['invalid-json', 'The body could not be read as JSON.'],
  'entity.too.large': ['body-too-large', 'The body is larger than this server takes.'],
  'encoding.unsupported': [
    'unsupported-media-type',
    'The content encoding has to be gzip, deflate, br or none.',
  ],
  'charset.unsupported': ['unsupported-media-type', 'The body has to be in UTF-8.'],
};

const textOf = (value: object, name: string): string => {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : '';
};

const isClientsFault = (thrown: object): boolean => {
  const status: unknown = Reflect.get(thrown, 'status');
  return typeof status === 'number' && status >= 400 && status < 500;
};

/** What was thrown as an AppError: ours as it is, the body parser's and the router's by what they mean, the rest as a fault of ours. */
export const toAppError = (thrown: unknown): AppError => {
  if (thrown instanceof AppError) return thrown;
  const options: AppErrorOptions = { cause: thrown };
  if (typeof thrown === 'object' && thrown !== null) {
    const known = bodyErrors[textOf(thrown, 'type')];
    if (known !== undefined) return new AppError(known[0], known[1], options);
    if (isClientsFault(thrown))
      return new AppError('invalid-request', 'The request could not be read.', options);
  }
  return new AppError('internal-error', 'Something went wrong here; it has been logged.', options);
};

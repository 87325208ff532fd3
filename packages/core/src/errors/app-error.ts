/** The one error type that crosses our borders: a catalogue code, a sentence for the reader, and what helps to mend it. */
import { errorCatalogue, type ErrorCode } from './error-catalogue.ts';

/** One fault in the input, in the form RFC 9457 suggests. */
export interface FieldError {
  /** JSON pointer into the request body (`/input/n`), or the name of a query parameter (`no`). */
  pointer: string;
  /** The rule that was broken, as a sentence. */
  detail: string;
}

export interface AppErrorOptions {
  /** Faults field by field, shown as `errors[]`. */
  errors?: readonly FieldError[];
  /** When it is worth trying again, in seconds; becomes `Retry-After`. */
  retryAfterSeconds?: number;
  /** Further members of the problem document (`knownTasks`, for example). */
  extensions?: Readonly<Record<string, unknown>>;
  /** What was caught, for the log only. */
  cause?: unknown;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly options: AppErrorOptions;

  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.options = options;
  }

  /** The HTTP status of this error's code. */
  get status(): number {
    return errorCatalogue[this.code].status;
  }
}

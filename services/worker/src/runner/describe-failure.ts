/** Turns what a handler threw into the runner protocol's error: what it was, and whether to try again. */
import { toError } from '@factorial/core/errors/to-error';

export interface Failure {
  code: string;
  message: string;
  retry: 'never' | 'later' | 'backoff';
  delaySeconds?: number;
}

const property = (thrown: unknown, name: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, name) : undefined;

const codeOf = (thrown: unknown): string => {
  const code = property(thrown, 'code');
  return typeof code === 'string' && code !== '' ? code.slice(0, 64) : 'task-error';
};

/**
 * Goes by the error's properties `retry`, `delaySeconds` and `code` and not by its class, so that a handler with another
 * copy of the classes, or with none, is understood (`PermanentTaskError`, `RetryLaterError` have them).
 */
export const describeFailure = (thrown: unknown): Failure => {
  const failure = { code: codeOf(thrown), message: toError(thrown).message.slice(0, 4_000) };
  const delaySeconds = property(thrown, 'delaySeconds');
  switch (property(thrown, 'retry')) {
    case 'never':
      return { ...failure, retry: 'never' };
    case 'later':
      return { ...failure, retry: 'later', ...(typeof delaySeconds === 'number' && { delaySeconds }) };
    default:
      return { ...failure, retry: 'backoff' };
  }
};

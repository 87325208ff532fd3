/**
 * What a log tells of an error: its type, message, stack, code and cause, and nothing else. Libraries hang on to it what they
 * were given: ioredis the command with its arguments (the password of an AUTH, a job's input), an HTTP client its request.
 */

export interface LoggedError {
  type: string;
  message: string;
  stack?: string;
  code?: string | number;
  cause?: LoggedError;
}

/** More is a circle, or of no use. */
const deepestCause = 8;

/** Redis repeats a command that it does not know, and one before version 6 does not know the HELLO that carries the password. */
const repeatedArguments = /(with args beginning with: )[^\n]*/g;
/** An @ of its own is written as %40, but by hand it may not be: up to the last one of the word. */
const urlCredentials = /(\w:\/\/)[^\s"'`]*@/g;

const withoutSecrets = (text: string): string =>
  text.replaceAll(repeatedArguments, '$1[redacted]').replaceAll(urlCredentials, '$1[redacted]@');

const codeOf = (error: Error): string | number | undefined => {
  if (!('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' || typeof code === 'number' ? code : undefined;
};

const describeAt = (thrown: unknown, depth: number): LoggedError => {
  if (!(thrown instanceof Error)) {
    return { type: typeof thrown, message: typeof thrown === 'string' ? withoutSecrets(thrown) : '' };
  }
  const { name, message, stack, cause } = thrown;
  const code = codeOf(thrown);
  return {
    type: name,
    message: withoutSecrets(message),
    ...(stack === undefined ? {} : { stack: withoutSecrets(stack) }),
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined || depth === deepestCause ? {} : { cause: describeAt(cause, depth + 1) }),
  };
};

/** For the field `err`. Whatever else was thrown is told by its type, a text as it is. */
export const serializeError = (thrown: unknown): LoggedError => describeAt(thrown, 0);

/** Structured logs: fixed messages, data in fields, secrets out. */
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { serializeError } from './serialize-error.ts';

export type Logger = PinoLogger;

/** Fields that never reach a log, wherever a caller put them one level deep. */
const redacted = ['authorization', 'token', 'secret', 'password', 'input', 'output'].flatMap((field) => [
  field,
  `*.${field}`,
]);

/** @param destination where lines go; stdout unless a test looks at them. */
export const createLogger = (service: string, level: string, destination?: DestinationStream): Logger => {
  const options = {
    level,
    base: { service },
    serializers: { err: serializeError },
    redact: { paths: [...redacted, 'req.headers.authorization'], censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
};

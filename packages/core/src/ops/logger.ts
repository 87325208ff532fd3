/** Structured logs: fixed messages, data in fields, secrets out. */
import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;

/** Fields that never reach a log, wherever a caller put them one level deep. */
const redacted = ['authorization', 'token', 'secret', 'password', 'input', 'output', 'err.config'].flatMap(
  (field) => [field, `*.${field}`],
);

export const createLogger = (service: string, level: string): Logger =>
  pino({
    level,
    base: { service },
    redact: { paths: [...redacted, 'req.headers.authorization'], censor: '[redacted]' },
  });

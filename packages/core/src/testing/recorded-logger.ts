/** The services' logger, whose lines a test can look at. */
import { z } from 'zod';
import { createLogger, type Logger } from '../ops/logger.ts';

const lineSchema = z.looseObject({ level: z.number(), msg: z.string() });

export type LogLine = z.output<typeof lineSchema>;

export interface RecordedLogger {
  logger: Logger;
  lines: LogLine[];
  /** Those with this message. */
  linesOf: (message: string) => LogLine[];
}

export const createRecordedLogger = (): RecordedLogger => {
  const lines: LogLine[] = [];
  const write = (text: string): void => {
    lines.push(lineSchema.parse(JSON.parse(text)));
  };
  const logger = createLogger('test', 'trace', { write });
  return { logger, lines, linesOf: (message) => lines.filter(({ msg }) => msg === message) };
};

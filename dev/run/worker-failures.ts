/** Why a worker did not come up, read from its log. */
import { z } from 'zod';

export interface WorkerFailures {
  /** What its last fatal or error line says, else its last line; undefined for an empty log. */
  last: string | undefined;
  /** It has ended twice for the same reason: a third start would end no other way. */
  repeated: boolean;
}

const lineSchema = z.object({
  level: z.number(),
  msg: z.string(),
  err: z.object({ message: z.string() }).optional(),
});

/** Pino's. */
const errorLevel = 50;
const fatalLevel = 60;

interface Told {
  level: number;
  text: string;
}

/** What is no line of the log, a configuration that is refused for example, has no level. */
const toldBy = (line: string): Told => {
  try {
    const { level, msg, err } = lineSchema.parse(JSON.parse(line));
    return { level, text: err ? `${msg}: ${err.message}` : msg };
  } catch {
    return { level: 0, text: line };
  }
};

export const workerFailuresIn = (log: string): WorkerFailures => {
  const told = log.split('\n').filter(Boolean).map(toldBy);
  const fatal = told.filter(({ level }) => level >= fatalLevel).map(({ text }) => text);
  const last = told.findLast(({ level }) => level >= errorLevel) ?? told.at(-1);
  return { last: last?.text, repeated: fatal.length > 1 && fatal.at(-1) === fatal.at(-2) };
};

/** A job's log, or what it streams, attempt by attempt: the text goes to stdout, all that is said about it to stderr. */
import { isFinalEvent, type JobEvent } from '../jobs/job-event.ts';
import { forTerminal } from './for-terminal.ts';
import type { Session } from './session.ts';

export interface LogPrinter {
  print: (event: JobEvent) => void;
  /** After the last event: how the job ended, and whether there was nothing to print. */
  end: () => void;
}

const nothing = {
  log: ['It logged nothing.', 'It has logged nothing yet.'],
  output: ['It streamed no output.', 'It has streamed no output yet.'],
} as const;

/** @returns undefined while it has not ended, and where it ended well. */
const endOf = (id: string, event: JobEvent | undefined): string | undefined => {
  if (event?.type === 'failed') {
    const { code, message } = event.data.error;
    return `job ${id} ended as failed: ${message} (${code})`;
  }
  return event?.type === 'cancelled' ? `job ${id} ended as cancelled` : undefined;
};

export const createLogPrinter = (
  { cli: { stdout }, tell }: Pick<Session, 'cli' | 'tell'>,
  id: string,
  kind: keyof typeof nothing,
): LogPrinter => {
  let last: JobEvent | undefined;
  let attempt: number | undefined;
  let isAtLineStart = true;
  /** On a terminal the next line is that of somebody else. A file gets what there is, and nothing else. */
  const endLine = (): void => {
    if (stdout.isTTY === true && !isAtLineStart) stdout.write('\n');
    isAtLineStart = true;
  };
  const enter = (next: number): void => {
    if (next === attempt) return;
    endLine();
    if (attempt !== undefined || next > 1) tell(`── attempt ${next} ──`);
    attempt = next;
  };
  return {
    print: (event) => {
      last = event;
      if (event.type !== kind || event.data.text === '') return;
      const { text } = event.data;
      enter(event.data.attempt);
      stdout.write(forTerminal(stdout, text));
      isAtLineStart = text.endsWith('\n');
    },
    end: () => {
      endLine();
      const [ever, yet] = nothing[kind];
      if (attempt === undefined) tell(last !== undefined && isFinalEvent(last) ? ever : yet);
      const end = endOf(id, last);
      if (end !== undefined) tell(end);
    },
  };
};

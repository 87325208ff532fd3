/** `factorial logs`: what a job has logged, and with `-f` what it goes on to log. */
import type { Command } from 'commander';
import { FactorialError } from '../../errors.ts';
import type { JobEvent } from '../../jobs/job-event.ts';
import type { Cli } from '../cli.ts';
import { createLogPrinter, type LogPrinter } from '../log-printer.ts';
import { oneLine } from '../one-line.ts';
import { openSession, type Session } from '../session.ts';

interface Options {
  follow?: boolean;
  output?: boolean;
  events?: boolean;
}

const examples = `
Examples:
  factorial logs 0b9c4f3e-…
  factorial logs -f 0b9c4f3e-…             until the job has ended
  factorial logs -f --output 0b9c4f3e-…    its output, as it is streamed
  factorial logs --events 0b9c4f3e-…       everything that happened to it
  factorial logs --json 0b9c4f3e-…         the events, one a line`;

const detailOf = ({ type, data }: JobEvent): string => {
  switch (type) {
    case 'queued':
      return `${data.reason}${data.error === undefined ? '' : `: ${data.error.code}: ${data.error.message}`}`;
    case 'progress':
      return `${Math.round(data.value * 100)} % ${data.message}`;
    case 'log':
    case 'output':
      return JSON.stringify(data.text);
    case 'done':
      return `${data.outputBytes} bytes of ${data.outputMediaType}`;
    case 'failed':
      return `${data.error.code}: ${data.error.message}`;
    case 'started':
    case 'cancelled':
    default:
      return '';
  }
};

const lineOf = (event: JobEvent): string =>
  `${event.data.at}  attempt ${event.data.attempt}  ${event.type.padEnd(9)}  ${oneLine(detailOf(event))}`.trimEnd();

/** Every event on a line of its own, as JSON or for people. */
const createEventPrinter = ({ json, say }: Session): LogPrinter => ({
  print: (event) => say(json ? JSON.stringify(event) : lineOf(event)),
  end: () => undefined,
});

const printerFor = (session: Session, id: string, { events, output }: Options): LogPrinter =>
  session.json || events === true
    ? createEventPrinter(session)
    : createLogPrinter(session, id, output === true ? 'output' : 'log');

/** The server sends at once what there is, then what comes: a pause this long says that there is no more yet. */
const pauseMs = 400;
/** Every job has a first event. */
const beginningMs = 10_000;

/** Without `-f`: what there is, also after an end: the job may have been retried. @returns an iterator that ends at the first pause. */
async function* untilPause(events: AsyncIterable<JobEvent>): AsyncGenerator<JobEvent, void, undefined> {
  const iterator = events[Symbol.asyncIterator]();
  for (let patienceMs = beginningMs; ; patienceMs = pauseMs) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const paused = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), patienceMs);
    });
    const next = await Promise.race([iterator.next(), paused]);
    clearTimeout(timer);
    if (next === undefined || next.done === true) return;
    yield next.value;
  }
}

const print = async (session: Session, id: string, options: Options): Promise<void> => {
  const { cli, client } = session;
  const left = new AbortController();
  const signal = AbortSignal.any([cli.signal, left.signal]);
  const events = client.events(id, { signal });
  const printer = printerFor(session, id, options);
  try {
    for await (const event of options.follow === true ? events : untilPause(events)) printer.print(event);
    printer.end();
  } finally {
    left.abort();
  }
};

export const addLogs = (program: Command, cli: Cli): void => {
  program
    .command('logs')
    .summary('show what a job logs')
    .description('Prints what a job has logged.')
    .argument('<id>', "the job's id")
    .option('-f, --follow', 'go on until the job has ended')
    .option('--output', 'the output it streams, in place of its log')
    .option('--events', 'all its events, one a line')
    .addHelpText('after', examples)
    .action(async (id: string, options: Options, command: Command) => {
      const session = openSession(cli, command);
      // Asks first: the stream of a job that is not there would be tried no differently, but the answer is plainer.
      await session.client.get(id, { signal: cli.signal });
      try {
        await print(session, id, options);
      } catch (error) {
        if (!(error instanceof FactorialError) && cli.signal.aborted) return;
        throw error;
      }
    });
};

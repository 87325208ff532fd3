/**
 * The runner of JavaScript tasks: a process that imports one handler and runs it as its stdin says.
 * Argument: the handler's file. It is kept free of libraries: it shares its memory limit with the task.
 */
import { Console } from 'node:console';
import { pathToFileURL } from 'node:url';
import { createLineReader } from './line-reader.ts';
import { createModuleRuns } from './module-runs.ts';

const [, , handlerFile = ''] = process.argv;

/** What a handler prints is log; stdout belongs to the protocol. */
const stderr = new Console(process.stderr);
globalThis.console = stderr;

const write = (message: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

const runs = createModuleRuns({
  load: async () => {
    const handler: unknown = await import(pathToFileURL(handlerFile).href);
    return handler;
  },
  write,
  die: (error) => {
    stderr.error(error);
    process.exit(1);
  },
  nowMs: () => performance.now(),
});

/** The grace for a handler that was asked to stop; the worker's own is longer. */
const stopMs = 200;

const readLine = (line: string): void => {
  try {
    runs.take(JSON.parse(line));
  } catch (error) {
    stderr.error('a line that is not the protocol was ignored', error);
  }
};

process.stdin.on(
  'data',
  createLineReader({ maxBytes: 2 ** 28, onLine: readLine, onTooLong: () => process.exit(70) }),
);
process.stdin.on('end', () => process.exit(0));
process.on('SIGTERM', () => {
  setTimeout(() => process.exit(143), stopMs);
  void runs.stop().then(() => process.exit(143));
});

/**
 * The runner of JavaScript tasks: a process that imports one handler and runs it as its stdin says.
 * Arguments: the handler's file, the worker's process id. It is kept free of libraries: it shares its memory limit with the task.
 */
import { Console } from 'node:console';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createLineReader } from './line-reader.ts';
import { createModuleRuns } from './module-runs.ts';

const [, , handlerFile = '', parentId = ''] = process.argv;

/** What a handler prints is log; stdout belongs to the protocol. */
const stderr = new Console(process.stderr);
globalThis.console = stderr;

/** A computing thread does not see its stdin end: another one watches over the worker. */
const watchParent = async (): Promise<void> => {
  const file = import.meta.url.replace(/module-host(\.[jt]s)$/, 'parent-watch$1');
  const watch = new Worker(new URL(file), { workerData: Number(parentId) });
  watch.unref();
  await once(watch, 'online');
};

const write = (message: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

const runs = createModuleRuns({
  load: async () => {
    await watchParent();
    const handler: unknown = await import(pathToFileURL(handlerFile).href);
    return handler;
  },
  write,
  log: (message) => stderr.log(message),
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

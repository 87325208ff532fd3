/** What goes on inside the runner of a JavaScript task: commands in, one run after the other, messages out. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describeFailure, type Failure } from './describe-failure.ts';

export interface ModuleRunsDeps {
  /** Imports the handler's module. */
  load: () => Promise<unknown>;
  write: (message: Readonly<Record<string, unknown>>) => void;
  /** The task cannot be set up: told by dying, as a runner in any language would. */
  die: (error: unknown) => void;
  /** Milliseconds, monotonic. */
  nowMs: () => number;
}

export interface ModuleRuns {
  /** Takes the next command. @throws when it is none. */
  take: (command: unknown) => void;
  /** Cancels all; resolves when the run of the moment has ended. */
  stop: () => Promise<void>;
}

interface Run {
  id: string;
  attempt: number;
  input: unknown;
  cancel: AbortController;
}

type Fn = (...args: unknown[]) => unknown;

/** After a run this long, what has arrived meanwhile (a cancel of the next one) is read before going on. */
const readAfterMs = 20;
const progressEveryMs = 100;

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const isFunction = (value: unknown): value is Fn => typeof value === 'function';

const cancelled = () => new Error('cancelled');

/** Longest stack that is logged; the message at its head may be of any length. */
const maxStackLength = 8_000;

/** Where a mistake of the handler lies. What it says on purpose (`retry: 'never'` or `'later'`) needs no place. */
const stackOf = (error: unknown, { retry }: Failure): string | undefined =>
  retry === 'backoff' && error instanceof Error ? error.stack?.slice(0, maxStackLength) : undefined;

/** JSON would make a list of numbers of them, and the job would be done with that. */
const bytesReturned = () =>
  Object.assign(new Error('the handler returned bytes; return text or a JSON value'), {
    code: 'output-not-json',
    retry: 'never',
  });

export const createModuleRuns = (deps: ModuleRunsDeps): ModuleRuns => {
  const { write, nowMs } = deps;
  const queue: Run[] = [];
  let handler: { run: Fn; model: unknown } | undefined;
  let working: Promise<void> | undefined;

  const setUp = async (): Promise<void> => {
    const module = await deps.load();
    const run = member(module, 'run');
    const setup = member(module, 'setup');
    if (!isFunction(run)) throw new Error('the handler exports no function named run');
    handler = { run, model: isFunction(setup) ? await setup() : undefined };
    write({ type: 'ready' });
  };

  const createProgress = (): ((value: unknown, message?: unknown) => void) => {
    let lastMs = -Infinity;
    return (value, message) => {
      if (typeof value !== 'number' || nowMs() - lastMs < progressEveryMs) return;
      lastMs = nowMs();
      write({ type: 'progress', value, ...(typeof message === 'string' && { message }) });
    };
  };

  const contextOf = (run: Run) => ({
    id: run.id,
    attempt: run.attempt,
    model: handler?.model,
    signal: run.cancel.signal,
    progress: createProgress(),
    log: (text: unknown) => write({ type: 'log', text: typeof text === 'string' ? text : inspect(text) }),
    output: (chunk: string) => write({ type: 'output', chunk }),
  });

  const perform = async (run: Run): Promise<void> => {
    try {
      run.cancel.signal.throwIfAborted();
      if (!handler) throw new Error('run before setup');
      const output = await handler.run(run.input, contextOf(run));
      if (ArrayBuffer.isView(output) || output instanceof ArrayBuffer) throw bytesReturned();
      write({ type: 'done', output });
    } catch (error) {
      const failure = describeFailure(error);
      const stack = run.cancel.signal.aborted ? undefined : stackOf(error, failure);
      if (stack !== undefined) write({ type: 'log', text: stack });
      write({ type: 'error', ...failure });
    }
  };

  const work = async (): Promise<void> => {
    for (let run = queue[0]; run; run = queue[0]) {
      const startMs = nowMs();
      await perform(run);
      queue.shift();
      if (nowMs() - startMs > readAfterMs) await nextTurn();
    }
    working = undefined;
  };

  const enqueue = (command: unknown): void => {
    const [id, attempt] = [member(command, 'id'), member(command, 'attempt')];
    if (typeof id !== 'string' || typeof attempt !== 'number')
      throw new Error('a run without id and attempt');
    queue.push({ id, attempt, input: member(command, 'input'), cancel: new AbortController() });
    working ??= work();
  };

  const cancel = (command: unknown): void => {
    const [id, attempt] = [member(command, 'id'), member(command, 'attempt')];
    queue.find((run) => run.id === id && run.attempt === attempt)?.cancel.abort(cancelled());
  };

  const take = (command: unknown): void => {
    const type = member(command, 'type');
    if (type === 'setup') {
      void setUp().catch(deps.die);
    } else if (type === 'run') enqueue(command);
    else if (type === 'cancel') cancel(command);
    else throw new Error('an unknown command');
  };

  const stop = async (): Promise<void> => {
    for (const run of queue) run.cancel.abort(cancelled());
    await working;
  };

  return { take, stop };
};

/** Keeps one runner of one task alive and set up: starts it, waits for its `ready`, starts another when it has died. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import { retryDelayMs } from '@factorial/core/time/backoff';
import { explainExit, type RunnerExit } from './explain-exit.ts';
import type { RunnerCommand, RunnerMessage } from './runner-protocol.ts';
import type { RunnerProcess } from './runner-process.ts';

export interface ProcessListener {
  onMessage: (message: RunnerMessage) => void;
  /** A line that is not the protocol. */
  onLog: (line: string) => void;
  onTooLong: () => void;
}

export interface RunnerKeeperDeps {
  startProcess: (listener: ProcessListener) => RunnerProcess;
  setupTimeoutMs: number;
  /** A runner is set up and takes runs. */
  onReady: () => void;
  /** From a runner that is set up. */
  onMessage: (message: RunnerMessage) => void;
  onLog: (line: string) => void;
  onTooLong: () => void;
  /** A runner that had been set up is gone. */
  onExit: (exit: RunnerExit) => void;
  /** One try to set a runner up has failed; another follows. */
  onSetupFailed: (error: Error) => void;
  /** That many tries in a row have failed that this worker is of no use. */
  onBroken: (error: Error) => void;
  random: () => number;
}

export interface RunnerKeeper {
  /** Resolves when the first runner is set up. @throws when it cannot be. */
  start: () => Promise<void>;
  /** Undefined while none is set up. */
  current: () => RunnerProcess | undefined;
  send: (command: RunnerCommand) => void;
  /** Ends the runner there is; another one follows. */
  recycle: (killAfterMs: number) => void;
  /** Ends it for good; resolves when it is gone. */
  close: () => Promise<void>;
}

const maxSetupFailures = 5;
const restartPace = { baseMs: 500, ceilingMs: 10_000 };
const closeKillAfterMs = 500;

interface Live {
  process: RunnerProcess;
  isReady: boolean;
}

export const createRunnerKeeper = (deps: RunnerKeeperDeps): RunnerKeeper => {
  const closing = new AbortController();
  let live: Live | undefined;
  let failures = 0;
  let keeping: Promise<void> | undefined;

  const launch = (onReady: () => void): Live => {
    const onMessage = (message: RunnerMessage): void => {
      if (launched.isReady) deps.onMessage(message);
      else if (message.type === 'ready') onReady();
    };
    const launched: Live = {
      process: deps.startProcess({ onMessage, onLog: deps.onLog, onTooLong: deps.onTooLong }),
      isReady: false,
    };
    return launched;
  };

  /** @throws when it dies or takes too long before it is ready. */
  const setUp = async (): Promise<void> => {
    const ready = Promise.withResolvers<void>();
    const next = launch(ready.resolve);
    live = next;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      next.process.stop(0);
    }, deps.setupTimeoutMs);
    next.process.send({ type: 'setup' });
    const exit = await Promise.race([ready.promise, next.process.exited]);
    clearTimeout(timer);
    if (exit) throw new Error(isLate ? `no ready within ${deps.setupTimeoutMs} ms` : setupFailure(exit));
    next.isReady = true;
  };

  /** From a runner that is set up to the next one that is. */
  const succeed = async (ready: Live): Promise<void> => {
    deps.onReady();
    const exit = await ready.process.exited;
    live = undefined;
    deps.onExit(exit);
  };

  const noteFailure = (thrown: unknown): void => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    failures += 1;
    live = undefined;
    deps.onSetupFailed(error);
    if (failures === maxSetupFailures) deps.onBroken(error);
  };

  const renew = async (): Promise<void> => {
    try {
      await setUp();
      failures = 0;
    } catch (thrown) {
      if (closing.signal.aborted) return;
      noteFailure(thrown);
      await sleep(retryDelayMs(failures, deps.random(), restartPace), closing.signal);
    }
  };

  const keep = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      if (live?.isReady) await succeed(live);
      else await renew();
    }
  };

  return {
    start: async () => {
      await setUp();
      keeping = keep();
    },
    current: () => (live?.isReady ? live.process : undefined),
    send: (command) => live?.process.send(command),
    recycle: (killAfterMs) => live?.process.stop(killAfterMs),
    close: async () => {
      closing.abort();
      live?.process.stop(closeKillAfterMs);
      await live?.process.exited;
      await keeping;
    },
  };
};

const setupFailure = (exit: RunnerExit): string =>
  `setup failed: ${explainExit({ exit, lastResidentBytes: 0, memoryLimitBytes: Number.MAX_SAFE_INTEGER }).message}`;

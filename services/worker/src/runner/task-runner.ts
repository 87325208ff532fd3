/**
 * Runs jobs of one task on one runner, one after the other. Jobs may be written to the runner ahead of their turn; it
 * answers them in order, so what it says always concerns the first in line. Only that one can fail by a crash, the time
 * limit or the memory limit: the others have not begun, and are written again to the next runner.
 */
import type { Logger } from '@factorial/core/ops/logger';
import { explainExit, type RunnerExit } from './explain-exit.ts';
import { createMemoryWatch } from './memory-watch.ts';
import type { ProcessListener } from './runner-keeper.ts';
import { createRunnerLog } from './runner-log.ts';
import { createRunnerKeeper } from './runner-keeper.ts';
import type { RunnerProcess } from './runner-process.ts';
import type { RunnerMessage } from './runner-protocol.ts';
import { isSameRun, refOf, type RunRef } from './run-ref.ts';
import { failed, type RunResult } from './run-result.ts';
import { createStreamedText, type StreamedText } from './streamed-text.ts';

export interface RunRequest extends RunRef {
  input: unknown;
  timeLimitMs: number;
  /** @param value 0 to 1. */
  onProgress: (value: number, message: string) => void;
  /** A line of the task's log. */
  onLog: (line: string) => void;
  /** A piece of streamed output. */
  onOutput: (chunk: string) => void;
}

export interface TaskRunnerDeps {
  startProcess: (listener: ProcessListener) => RunnerProcess;
  setupTimeoutMs: number;
  memoryLimitBytes: number;
  maxOutputBytes: number;
  residentBytes: (pid: number) => number | undefined;
  logger: Logger;
  /** Milliseconds, monotonic. */
  nowMs: () => number;
  random: () => number;
  /** Told after each run that was not stopped: from its turn to its end. */
  onRunTime: (ms: number) => void;
  onRestart: () => void;
  onBroken: (error: Error) => void;
}

export interface TaskRunner {
  start: () => Promise<void>;
  /** Whether a runner is set up. */
  isReady: () => boolean;
  /** Never rejects. */
  run: (request: RunRequest) => Promise<RunResult>;
  /** Ends this run, begun or not; its result is `stopped`. */
  stop: (ref: RunRef) => void;
  /** Those in line, the first first. */
  line: () => readonly RunRef[];
  /** How long the first in line has had its turn; 0 when there is none. */
  headMs: () => number;
  close: () => Promise<void>;
}

interface Entry {
  request: RunRequest;
  settle: (result: RunResult) => void;
  /** Settled before the runner answered: its answer is dropped. */
  isSettled: boolean;
  streamed: StreamedText;
}

/** SIGTERM to SIGKILL. With the beat that tells of a cancel, it keeps a cancelled run under 3 s. */
const killAfterMs = 500;

export const createTaskRunner = (deps: TaskRunnerDeps): TaskRunner => {
  const { logger, nowMs } = deps;
  const tellLog = createRunnerLog({ logger, nowMs });
  const line: Entry[] = [];
  let turnStartMs = 0;
  let turnTimer: NodeJS.Timeout | undefined;
  /** Set while the runner is being ended by us: whose result that is, if anybody's. What it still says is not heard. */
  let verdict: { entry: Entry; result: RunResult } | 'recycle' | undefined;

  const settle = (entry: Entry, result: RunResult): void => {
    if (entry.isSettled) return;
    entry.isSettled = true;
    entry.settle(result);
  };

  /** Ends the runner; the first in line, if there is one, gets the result. */
  const condemn = (result: RunResult, killAfter = killAfterMs): void => {
    if (verdict) return;
    verdict = line[0] ? { entry: line[0], result } : 'recycle';
    keeper.recycle(killAfter);
  };

  const recycle = (): void => {
    verdict ??= 'recycle';
    keeper.recycle(killAfterMs);
  };

  const dropSettled = (): void => {
    line.splice(0, line.length, ...line.filter((entry) => !entry.isSettled));
  };

  const startTurn = (): void => {
    clearTimeout(turnTimer);
    const head = line[0];
    if (!head || !keeper.current()) return;
    turnStartMs = nowMs();
    const { timeLimitMs } = head.request;
    const message = `ran longer than its limit of ${timeLimitMs / 1_000} s`;
    turnTimer = setTimeout(() => condemn(failed('run-timeout', message, 'never')), timeLimitMs);
  };

  const endTurn = (result: RunResult): void => {
    const head = line.shift();
    if (!head) return;
    if (!head.isSettled) deps.onRunTime(nowMs() - turnStartMs);
    memory.lookAgain();
    settle(head, result);
    startTurn();
  };

  const write = (entry: Entry): void => {
    const { id, attempt, input } = entry.request;
    entry.streamed = createStreamedText();
    keeper.send({ type: 'run', id, attempt, input });
  };

  const stream = (head: Entry, chunk: string): void => {
    if (head.streamed.length() + chunk.length <= deps.maxOutputBytes) {
      head.streamed.add(chunk);
      if (!head.isSettled) head.request.onOutput(chunk);
    } else condemn(failed('output-too-large', 'the runner streams more than an output may hold', 'never'));
  };

  const doneWith = (head: Entry, message: RunnerMessage & { type: 'done' }): RunResult => {
    if (message.file !== undefined) return { kind: 'file', path: message.file, mediaType: message.mediaType };
    const isStreamed = message.output === undefined && !head.streamed.isUntouched();
    return { kind: 'done', output: isStreamed ? head.streamed.text() : (message.output ?? null) };
  };

  const fail = (head: Entry, { type: _type, ...error }: RunnerMessage & { type: 'error' }): void => {
    // What the handler did not foresee may have left the process in any state. (Who was told to stop has a right to an error.)
    const isClean = error.retry !== 'backoff' || head.isSettled;
    endTurn({ kind: 'failed', ...error });
    if (!isClean) recycle();
  };

  /** Also of a runner that is being ended: its last words are of interest. */
  const onLog = (text: string): void => {
    tellLog(text);
    const head = line[0];
    if (head && !head.isSettled) head.request.onLog(text);
  };

  const onMessage = (message: RunnerMessage): void => {
    const head = line[0];
    // After the verdict the runner may still speak; what it says comes too late.
    if (!head || verdict) return;
    switch (message.type) {
      case 'progress':
        if (!head.isSettled) head.request.onProgress(message.value, message.message ?? '');
        break;
      case 'log':
        for (const text of message.text.split('\n')) onLog(text);
        break;
      case 'output':
        stream(head, message.chunk);
        break;
      case 'done':
        endTurn(doneWith(head, message));
        break;
      case 'error':
        fail(head, message);
        break;
      case 'ready':
        break;
    }
  };

  const resultOfExit = (exit: RunnerExit): RunResult => {
    const { memoryLimitBytes } = deps;
    const { code, message } = explainExit({ exit, memoryLimitBytes, lastResidentBytes: memory.lastBytes() });
    return failed(code, message, 'backoff');
  };

  const onExit = (exit: RunnerExit): void => {
    clearTimeout(turnTimer);
    logger.info(
      { exitCode: exit.exitCode, signal: exit.signal, asked: verdict !== undefined },
      'runner ended',
    );
    if (typeof verdict === 'object') settle(verdict.entry, verdict.result);
    else if (!verdict && line[0]) settle(line[0], resultOfExit(exit));
    verdict = undefined;
    dropSettled();
    deps.onRestart();
  };

  /** A task that cannot be set up any more must not burn tries: the jobs in line are given back. */
  const onSetupFailed = (err: Error): void => {
    logger.error({ err }, 'runner set-up failed');
    for (const entry of line.splice(0)) settle(entry, { kind: 'stopped' });
  };

  const keeper = createRunnerKeeper({
    startProcess: deps.startProcess,
    setupTimeoutMs: deps.setupTimeoutMs,
    random: deps.random,
    onReady: () => {
      memory.forget();
      dropSettled();
      for (const entry of line) write(entry);
      startTurn();
    },
    onMessage,
    onLog,
    onTooLong: () => condemn(failed('output-too-large', 'a line of the runner is too long', 'never'), 0),
    onExit,
    onSetupFailed,
    onBroken: deps.onBroken,
  });

  const memory = createMemoryWatch({
    pid: () => keeper.current()?.pid,
    isBusy: () => line.length > 0,
    residentBytes: deps.residentBytes,
    limitBytes: deps.memoryLimitBytes,
    onOver: (bytes) => {
      const message = `resident memory ${toMiB(bytes)} MiB passed the limit of ${toMiB(deps.memoryLimitBytes)} MiB`;
      logger.warn({ bytes }, 'runner over its memory limit');
      condemn(failed('out-of-memory', message, 'backoff'), 0);
    },
  });

  const stop = (ref: RunRef): void => {
    const entry = line.find(({ request, isSettled }) => isSameRun(request, ref) && !isSettled);
    if (!entry) return;
    keeper.send({ type: 'cancel', ...refOf(ref) });
    if (entry === line[0] && keeper.current() && !verdict) condemn({ kind: 'stopped' });
    else settle(entry, { kind: 'stopped' });
  };

  const run = async (request: RunRequest): Promise<RunResult> =>
    new Promise((resolve) => {
      const entry: Entry = { request, settle: resolve, isSettled: false, streamed: createStreamedText() };
      line.push(entry);
      if (!keeper.current() || verdict) return;
      write(entry);
      if (line.length === 1) startTurn();
    });

  const close = async (): Promise<void> => {
    clearTimeout(turnTimer);
    memory.close();
    await keeper.close();
    for (const entry of line.splice(0)) settle(entry, { kind: 'stopped' });
  };

  return {
    start: keeper.start,
    isReady: () => keeper.current() !== undefined,
    run,
    stop,
    line: () => line.filter((entry) => !entry.isSettled).map(({ request }) => refOf(request)),
    headMs: () => (line.length > 0 && keeper.current() ? nowMs() - turnStartMs : 0),
    close,
  };
};

const toMiB = (bytes: number): number => Math.round(bytes / 1_048_576);

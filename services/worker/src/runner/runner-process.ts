/** One runner as a process of the system: starts it, carries lines to and from it, ends it for certain, and tells how it ended. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Logger } from '@factorial/core/ops/logger';
import { guardGroup } from './death-guard.ts';
import type { RunnerExit } from './explain-exit.ts';
import type { Launch } from './launch-of.ts';
import { createLineReader } from './line-reader.ts';
import { parseRunnerMessage, type RunnerCommand, type RunnerMessage } from './runner-protocol.ts';

export interface RunnerProcessDeps {
  launch: Launch;
  logger: Logger;
  onMessage: (message: RunnerMessage) => void;
  /** A line that is not the protocol, of its stderr or stdout. */
  onLog: (line: string) => void;
  /** A line passed `maxLineBytes`. */
  onTooLong: () => void;
  maxLineBytes: number;
}

export interface RunnerProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Resolves when it is gone and all it had written has been read; never rejects. */
  readonly exited: Promise<RunnerExit>;
  send: (command: RunnerCommand) => void;
  /** SIGTERM now, SIGKILL after that time, to it and its children. 0: SIGKILL now. */
  stop: (killAfterMs: number) => void;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Once it is gone, its pipe is read to its end; a grandchild may hold the pipe open, so not for ever. */
const lastOutputMs = 200;
const lastWordsBytes = 4_096;
const maxLogLineBytes = 8_192;
/** A program that logs without end is not waited for. */
const mostLogRounds = 8;

/** In a process group of its own: a terminal's Ctrl-C is for the worker to answer, and what it starts can be ended with it. */
const startChild = ({ command, args, folder, env }: Launch): Child =>
  spawn(command, args, { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });

const signalGroup = (pid: number | undefined, signal: NodeJS.Signals): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
};

const ended = async (child: Child): Promise<Omit<RunnerExit, 'lastWords'>> =>
  new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ exitCode: null, signal: null, startError: error.message });
    });
  });

const closed = async (child: Child): Promise<void> =>
  new Promise((resolve) => {
    child.once('close', () => resolve());
  });

/**
 * A piece of the stream in each turn of the loop. Node would read on for two megabytes, and a task that logs empty lines as fast
 * as it can would keep beats and time limits waiting for many seconds.
 */
const readInTurns = (stream: Readable, read: (chunk: Buffer) => void | Promise<void>): void => {
  const take = async (chunk: Buffer): Promise<void> => {
    stream.pause();
    await read(chunk);
    await nextTurn();
    stream.resume();
  };
  stream.on('data', (chunk: Buffer) => void take(chunk));
};

interface StderrWatch {
  lastWords: () => string;
  /** Resolves when what stderr had to read is read: a paused stream goes on after one turn, and is read in the next. */
  drained: () => Promise<void>;
}

/** Its stderr is log, line by line; the end of it is kept. */
const watchStderr = (child: Child, { logger, onLog }: RunnerProcessDeps): StderrWatch => {
  let lastWords = '';
  let chunks = 0;
  const read = createLineReader({
    maxBytes: maxLogLineBytes,
    onLine: (line) => {
      lastWords = `${lastWords}${line}\n`.slice(-lastWordsBytes);
      onLog(line);
    },
    onTooLong: () => logger.warn({ maxLogLineBytes }, 'runner log line too long, dropped'),
  });
  readInTurns(child.stderr, (chunk) => {
    chunks += 1;
    read(chunk);
  });
  const drained = async (): Promise<void> => {
    for (let round = 0, before = -1; round < mostLogRounds && chunks !== before; round += 1) {
      before = chunks;
      await nextTurn();
      await nextTurn();
    }
  };
  return { lastWords: () => lastWords, drained };
};

/** What was logged before a message counts as said before it: a run's last line must not miss its end. */
const watchStdout = (child: Child, deps: RunnerProcessDeps, { drained }: StderrWatch): void => {
  const onLine = (line: string): void => {
    const message = parseRunnerMessage(line);
    if (message) deps.onMessage(message);
    else if (line.trim()) deps.onLog(line.slice(0, maxLogLineBytes));
  };
  const { maxLineBytes: maxBytes, onTooLong } = deps;
  const read = createLineReader({ maxBytes, onLine, onTooLong });
  readInTurns(child.stdout, async (chunk) => {
    await drained();
    read(chunk);
  });
};

/** All that is sent in one turn of the loop is one write. */
const createSender = (stdin: Writable): ((command: RunnerCommand) => void) => {
  let pending = '';
  const flush = (): void => {
    const text = pending;
    pending = '';
    if (stdin.writable) stdin.write(text);
  };
  return (command) => {
    if (pending === '') queueMicrotask(flush);
    pending += `${JSON.stringify(command)}\n`;
  };
};

export const startRunnerProcess = (deps: RunnerProcessDeps): RunnerProcess => {
  const child = startChild(deps.launch);
  const stderr = watchStderr(child, deps);
  watchStdout(child, deps, stderr);
  // A runner that dies breaks the pipe; its exit says all there is to say about that.
  child.stdin.on('error', () => undefined);
  const streamsClosed = closed(child);
  const dismissGuard = child.pid === undefined ? () => undefined : guardGroup(child.pid, deps.logger);
  let killTimer: NodeJS.Timeout | undefined;

  const awaitExit = async (): Promise<RunnerExit> => {
    const exit = await ended(child);
    clearTimeout(killTimer);
    signalGroup(child.pid, 'SIGKILL');
    dismissGuard();
    if (exit.startError === undefined) await Promise.race([streamsClosed, sleep(lastOutputMs)]);
    return { ...exit, lastWords: stderr.lastWords() };
  };

  const stop = (killAfterMs: number): void => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    clearTimeout(killTimer);
    if (killAfterMs > 0) signalGroup(child.pid, 'SIGTERM');
    killTimer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), killAfterMs);
  };

  return { pid: child.pid, exited: awaitExit(), send: createSender(child.stdin), stop };
};

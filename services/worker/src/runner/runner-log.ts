/** What tasks log, in the worker's own log: so much a second that a task which logs without end fills neither that nor the worker's time. */
import type { Logger } from '@factorial/core/ops/logger';

export interface RunnerLogDeps {
  logger: Logger;
  /** Milliseconds, monotonic. */
  nowMs: () => number;
  linesPerSecond?: number;
}

/** @returns what takes a line. */
export const createRunnerLog = ({
  logger,
  nowMs,
  linesPerSecond = 1_000,
}: RunnerLogDeps): ((line: string) => void) => {
  let secondBeganMs = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let dropped = 0;
  return (line) => {
    if (nowMs() - secondBeganMs >= 1_000) {
      secondBeganMs = nowMs();
      lines = 0;
    }
    lines += 1;
    if (lines <= linesPerSecond) logger.info({ line }, 'runner log');
    else dropped += 1;
    if (lines === linesPerSecond + 1)
      logger.warn({ linesPerSecond, dropped }, 'runner logs too much, lines dropped');
  };
};

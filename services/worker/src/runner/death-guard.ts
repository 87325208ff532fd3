/**
 * Ends a runner whose worker was killed. A runner that computes does not see its stdin end, and after a kill -9 there is
 * nobody left to end it; a shell that waits for the end of a pipe costs a megabyte and serves runners in any language.
 */
import { spawn } from 'node:child_process';
import type { Logger } from '@factorial/core/ops/logger';

/** `read` ends when the worker's end of the pipe is closed, that is when the worker is gone. `$0` is the process group. */
const script = 'read -r nothing; kill -s KILL -- "-$0"';

/**
 * @param group process group of the runner.
 * @returns takes the guard away; to be called once the runner is gone, since its number may be given out again.
 */
export const guardGroup = (group: number, logger: Logger): (() => void) => {
  // In a group of its own: what ends the worker's group must not end the guard before it has done its work.
  const guard = spawn('/bin/sh', ['-c', script, String(group)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', (err) =>
    logger.warn({ err }, 'no guard: a computing runner would outlive a killed worker'),
  );
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return () => {
    guard.kill('SIGKILL');
  };
};

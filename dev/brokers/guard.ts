/** Ends process groups and removes a directory when this process dies without doing so itself, kill -9 included. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Guard {
  /** @param pid a process that was started as the leader of its group. */
  watch(pid: number): void;
  /** Ends the guard; what it guarded is not touched. */
  dismiss(): Promise<void>;
}

/**
 * Reads ids until the end of its input, which comes when the only process that holds the other end is gone. The second
 * is for files that the dying still write.
 */
const script = `while read -r leader; do leaders="$leaders $leader"; done
for leader in $leaders; do kill -s KILL -- "-$leader"; done 2>/dev/null
sleep 1
rm -rf -- "$1"`;

/** @param dir removed together with the processes. */
export const startGuard = async (dir: string): Promise<Guard> => {
  const shell = spawn('/bin/sh', ['-c', script, 'guard', dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = once(shell, 'exit');
  await once(shell, 'spawn');
  shell.unref();
  return {
    watch: (pid) => {
      shell.stdin.write(`${pid}\n`);
    },
    dismiss: async () => {
      shell.ref();
      shell.kill('SIGKILL');
      await ended;
    },
  };
};

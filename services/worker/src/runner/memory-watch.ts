/** Looks at a runner's resident memory, often while it works, and once after it has worked. */

export interface MemoryWatchDeps {
  /** The runner of the moment. */
  pid: () => number | undefined;
  isBusy: () => boolean;
  /** Undefined when the process is gone, dying included. */
  residentBytes: (pid: number) => number | undefined;
  limitBytes: number;
  onOver: (bytes: number) => void;
  everyMs?: number;
}

export interface MemoryWatch {
  /** What was seen last of the runner of the moment, in bytes; 0 before the first look. */
  lastBytes: () => number;
  /** There is another runner: what was seen of the one before says nothing of it. */
  forget: () => void;
  /** A run has ended: the next look is due even when no other follows. */
  lookAgain: () => void;
  close: () => void;
}

/** A runner that fills memory at 1 GB/s gets 100 MB further between two looks. */
const defaultEveryMs = 100;

export const createMemoryWatch = (deps: MemoryWatchDeps): MemoryWatch => {
  let last = 0;
  let isDue = false;

  const look = (): void => {
    const pid = deps.pid();
    if (pid === undefined || (!deps.isBusy() && !isDue)) return;
    isDue = false;
    const bytes = deps.residentBytes(pid);
    // Unknown is not zero: one that was killed has no memory left, and what it had before tells why it was.
    if (bytes === undefined) return;
    last = bytes;
    if (last > deps.limitBytes) deps.onOver(last);
  };

  const timer = setInterval(look, deps.everyMs ?? defaultEveryMs);
  return {
    lastBytes: () => last,
    forget: () => {
      last = 0;
    },
    lookAgain: () => {
      isDue = true;
    },
    close: () => clearInterval(timer),
  };
};

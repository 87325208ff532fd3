/** Says in a job's error how its runner died. */

export interface RunnerExit {
  exitCode: number | null;
  signal: string | null;
  /** The last lines of its stderr. */
  lastWords: string;
  /** Why it could not be started at all. */
  startError?: string;
}

export interface ExitFacts {
  exit: RunnerExit;
  /** Resident memory when it was last looked at. */
  lastResidentBytes: number;
  memoryLimitBytes: number;
}

export interface ExitReason {
  code: 'runner-crashed' | 'out-of-memory';
  message: string;
}

/** From this share of its limit on, a process that somebody else killed is taken to be the kernel's victim. */
const suspectShare = 0.75;

const wentOutOfMemory = ({ exit, lastResidentBytes, memoryLimitBytes }: ExitFacts): boolean =>
  /heap out of memory|MemoryError|std::bad_alloc/.test(exit.lastWords) ||
  (exit.signal === 'SIGKILL' && lastResidentBytes > suspectShare * memoryLimitBytes);

const manner = (exit: RunnerExit): string => {
  if (exit.startError !== undefined) return `could not be started: ${exit.startError}`;
  return exit.signal === null ? `exited with code ${exit.exitCode}` : `was killed by ${exit.signal}`;
};

/** The line that tells most: runtimes write a trace and their version behind it. */
const lastError = (lastWords: string): string | undefined => {
  const lines = lastWords.trim().split('\n');
  return (lines.findLast((line) => /^\s*\S*(error|panic|fatal)/i.test(line)) ?? lines.at(-1))?.trim();
};

/** @returns code and message of the attempt's error. */
export const explainExit = (facts: ExitFacts): ExitReason => {
  const code = wentOutOfMemory(facts) ? 'out-of-memory' : 'runner-crashed';
  const said = lastError(facts.exit.lastWords);
  return { code, message: `the runner ${manner(facts.exit)}${said ? `: ${said}` : ''}`.slice(0, 1_000) };
};

/** A disk whose fsync takes as long as it is told, for a program started with its environment. Needs a C compiler. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../e2e/cluster/run.ts';

export interface SlowDisk {
  /** For the program that has to do with it. */
  env: Readonly<Record<string, string>>;
  /** Each fsync takes so much longer; 0: as long as the disk takes. */
  setDelay(ms: number): Promise<void>;
}

/** @throws Error that says what to install, where there is no compiler. */
export const buildSlowFsync = async (dir: string): Promise<string> => {
  const library = join(dir, 'slow-fsync.so');
  const source = join(import.meta.dirname, 'slow-fsync.c');
  await run('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']).catch((thrown: unknown) => {
    throw new Error('a C compiler `cc` is needed for the slow disk: apt-get install gcc libc6-dev', {
      cause: thrown,
    });
  });
  return library;
};

export const createSlowDisk = (library: string, delayFile: string): SlowDisk => ({
  env: { LD_PRELOAD: library, SLOW_FSYNC_FILE: delayFile },
  setDelay: async (ms) => writeFile(delayFile, String(ms)),
});

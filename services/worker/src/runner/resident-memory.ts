/** How much memory a process has resident, as Linux tells it. */
import { readFileSync } from 'node:fs';

/** @returns bytes, or undefined where the system does not tell (the process is gone, or this is not Linux). */
export const residentBytes = (pid: number): number | undefined => {
  try {
    // Read in one go: this file is made in memory when it is read, there is no disk to wait for.
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
  } catch {
    return undefined;
  }
};

/** Whether `residentBytes` works here. */
export const canReadMemory = (): boolean => residentBytes(process.pid) !== undefined;

/** CPU time and memory of processes and what they have started, from /proc. */
import { readdir, readFile } from 'node:fs/promises';

/** Fields of /proc/[pid]/stat after the command's name: proc(5). */
const afterName = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

interface ProcessStat {
  pid: number;
  parent: number;
  /** User and system time, µs. */
  cpuMicros: number;
}

/** USER_HZ, the unit of CPU times in /proc, is 100 on every Linux that Node runs on. */
const tickMicros = 10_000;

const readStat = async (pid: number): Promise<ProcessStat | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const fields = afterName(text);
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { pid, parent: Number(fields[1]), cpuMicros: ticks * tickMicros };
};

const allProcesses = async (): Promise<ProcessStat[]> => {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  return (await Promise.all(pids.map(readStat))).filter((stat) => stat !== undefined);
};

/** The process and all that descend from it. */
const family = (root: number, all: readonly ProcessStat[]): ProcessStat[] => {
  const members = all.filter(({ pid }) => pid === root);
  const children = all.filter(({ parent }) => parent === root);
  return [...members, ...children.flatMap(({ pid }) => family(pid, all))];
};

export const cpuMicrosOf = async (pid: number): Promise<number> =>
  family(pid, await allProcesses()).reduce((sum, { cpuMicros }) => sum + cpuMicros, 0);

/** @returns MiB, one figure per process of the family, the root first. */
export const residentMiBOf = async (pid: number): Promise<number[]> => {
  const members = family(pid, await allProcesses());
  return Promise.all(
    members.map(async (member) => {
      const status = await readFile(`/proc/${member.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024;
    }),
  );
};

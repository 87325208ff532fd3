/** Tells one process from a later one with the same id: by when it began. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';

interface ProcessStat {
  /** R, S, D, Z …: proc(5). */
  state: string;
  group: number;
  session: number;
  /** Clock ticks since boot. */
  startedAt: string;
}

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** The program's name, in parentheses, may hold anything: the fields are counted from the last one. */
const readStat = (pid: number): ProcessStat | undefined => {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0] ?? '',
    group: Number(fields[2]),
    session: Number(fields[3]),
    startedAt: fields[19] ?? '',
  };
};

const startedAtOnLinux = (pid: number): string | undefined => {
  const stat = readStat(pid);
  if (!stat || stat.state === 'Z') return undefined;
  return `${stat.startedAt}@${readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}`;
};

const startedAtElsewhere = (pid: number): string | undefined => {
  try {
    const told = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5_000,
    });
    return told.trim() || undefined;
  } catch {
    return undefined;
  }
};

/** @returns a text that no other process with this id ever has; undefined when it does not run (a zombie does not). */
export const startedAt = (pid: number): string | undefined =>
  platform() === 'linux' ? startedAtOnLinux(pid) : startedAtElsewhere(pid);

const isMember = (pid: number, leader: number): boolean => {
  const stat = readStat(pid);
  return stat?.group === leader && stat.session === leader && stat.state !== 'Z';
};

const hasGroupElsewhere = (leader: number): boolean => {
  try {
    return process.kill(-leader, 0);
  } catch {
    return false;
  }
};

/**
 * Whether anything runs in the group that a process of ours leads or led; zombies do not. On Linux the session is
 * compared as well, which only a leader that was started detached has made.
 */
export const isGroupAlive = (leader: number): boolean => {
  if (platform() !== 'linux') return hasGroupElsewhere(leader);
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isMember(Number(name), leader));
};

/** The folder of everything a local system keeps: data, keys, logs, state. */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

export interface LocalDir {
  readonly path: string;
  /** @returns the path of a file or folder in it. */
  file: (name: string) => string;
  /** @returns the path of a program's log. */
  log: (name: string) => string;
}

/** The logs of the run before stay, as `.log.old`. */
const putLogsAside = async (logDir: string): Promise<void> => {
  const logs = (await readdir(logDir)).filter((name) => name.endsWith('.log'));
  await Promise.all(logs.map(async (name) => rename(join(logDir, name), join(logDir, `${name}.old`))));
};

export const createLocalDir = async (path: string): Promise<LocalDir> => {
  await mkdir(join(path, 'log'), { recursive: true, mode: 0o700 });
  return { path, file: (name) => join(path, name), log: (name) => join(path, 'log', `${name}.log`) };
};

/** Only for who owns the run: another run's programs write there. */
export const startNewLogs = async (local: LocalDir): Promise<void> => putLogsAside(local.file('log'));

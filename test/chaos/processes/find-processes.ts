/** Who runs on this machine, read from /proc. */
import { readdir, readFile, readlink } from 'node:fs/promises';

const pids = async (): Promise<number[]> =>
  (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);

const read = async (pid: number, file: string): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');

const parentOf = async (pid: number): Promise<number> => {
  const stat = await read(pid, 'stat');
  // The name, in parentheses, may have blanks in it.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
};

const isZombie = async (pid: number): Promise<boolean> => /^\S+ \(.*\) Z/s.test(await read(pid, 'stat'));

export const childrenOf = async (pid: number): Promise<number[]> => {
  const all = await pids();
  const parents = await Promise.all(all.map(parentOf));
  return all.filter((_, index) => parents[index] === pid);
};

/** The name of the worker that this process is, or computes for; undefined: it is neither. */
export const workerOf = async (pid: number): Promise<string | undefined> => {
  const environments = await Promise.all([pid, await parentOf(pid)].map(async (one) => read(one, 'environ')));
  const names = environments.map((environment) => /(?:^|\0)WORKER_ID=([^\0]+)/.exec(environment)?.[1]);
  return names.find((name) => name !== undefined);
};

/** Those whose command, environment or folder has to do with this path, this process excepted. */
export const processesOf = async (path: string): Promise<number[]> => {
  const all = (await pids()).filter((pid) => pid !== process.pid);
  const belongs = await Promise.all(
    all.map(async (pid) => {
      if (await isZombie(pid)) return false;
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const texts = [await read(pid, 'cmdline'), await read(pid, 'environ'), cwd];
      return texts.some((text) => text.includes(path));
    }),
  );
  return all.filter((_, index) => belongs[index]);
};

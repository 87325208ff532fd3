/** How a task's runner is started. */
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../config.ts';
import type { Task } from '../tasks/load-tasks.ts';

export interface Launch {
  command: string;
  args: readonly string[];
  /** The working directory. */
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** `.ts` in development, `.js` in an image. */
const form = extname(import.meta.url);

const hostFile = fileURLToPath(new URL(`./module-host${form}`, import.meta.url));

/** Options of Node for the host: in development it reads our packages' sources, as the worker itself does. */
const hostOptions = form === '.ts' ? ['--conditions=@factorial/source'] : [];

/** The module as named, or its compiled form where only that is there. */
const moduleFile = (task: Task, module: string): string => {
  const file = resolve(task.folder, module);
  const compiled = file.replace(/\.ts$/, '.js');
  return !existsSync(file) && existsSync(compiled) ? compiled : file;
};

/**
 * The worker's own settings: a task has no business with the broker's password or the worker's token. `NODE_OPTIONS` keeps
 * the worker's own heap small; a runner is kept by its task's `memoryMiB`.
 */
const isOfTheWorker = (name: string): boolean =>
  name === 'NODE_OPTIONS' || Object.hasOwn(configSchema.shape, name);

const taskEnv = (env: NodeJS.ProcessEnv): Launch['env'] =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !isOfTheWorker(name)));

/** @param env the worker's environment. */
export const launchOf = (task: Task, workerEnv: NodeJS.ProcessEnv): Launch => {
  const env = taskEnv(workerEnv);
  if ('module' in task.run) {
    const args = [...hostOptions, hostFile, moduleFile(task, task.run.module)];
    return { command: process.execPath, args, folder: task.folder, env };
  }
  const [command = '', ...args] = task.run.command;
  return { command, args, folder: task.folder, env };
};

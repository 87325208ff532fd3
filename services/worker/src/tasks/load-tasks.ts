/** Reads the task folders a worker serves. A folder that is not right stops the start, with the file and the rule named. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { toError } from '@factorial/core/errors/to-error';
import { type TaskDefinition, taskDefinitionSchema } from '@factorial/core/tasks/task-definition';
import { type Environment, withEnvironment } from './environment-values.ts';
import { type TaskFile, taskFileSchema } from './task-file.ts';

/** A task as a worker has it. */
export interface Task {
  definition: TaskDefinition;
  /** Absolute path of its folder. */
  folder: string;
  run: TaskFile['run'];
  setupTimeoutMs: number;
}

export interface LoadTasksOptions {
  folders: readonly string[];
  /** The worker's pool. */
  pool: string;
  env: Environment;
}

class TaskFileError extends Error {
  constructor(file: string, mistakes: readonly string[]) {
    super(`${file} is wrong:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'TaskFileError';
  }
}

class TaskFolderError extends Error {
  constructor(folder: string) {
    super(`${folder}: there is no such task folder`);
    this.name = 'TaskFolderError';
  }
}

const requireFolder = async (folder: string): Promise<void> => {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new TaskFolderError(folder);
};

const readJson = async (file: string, env: Environment): Promise<unknown> => {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return withEnvironment(value, env);
  } catch (error) {
    throw new TaskFileError(file, [toError(error).message]);
  }
};

const parseFile = (file: string, value: unknown): TaskFile => {
  const parsed = taskFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TaskFileError(
    file,
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`),
  );
};

const loadTask = async (folder: string, options: LoadTasksOptions): Promise<Task> => {
  const absolute = resolve(folder);
  const file = resolve(absolute, 'task.json');
  await requireFolder(absolute);
  const {
    run,
    setupTimeoutSeconds,
    pool = options.pool,
    ...rest
  } = parseFile(file, await readJson(file, options.env));
  if (pool !== options.pool) {
    throw new TaskFileError(file, [`pool: is ${pool}, but this worker serves ${options.pool} (POOL)`]);
  }
  const definition = taskDefinitionSchema.parse({ ...rest, pool });
  return { definition, folder: absolute, run, setupTimeoutMs: setupTimeoutSeconds * 1_000 };
};

/**
 * @returns the tasks by name.
 * @throws TaskFolderError for the first folder that is not there, TaskFileError for the first whose file is wrong, and when two
 * tasks have one name.
 */
export const loadTasks = async (options: LoadTasksOptions): Promise<ReadonlyMap<string, Task>> => {
  const tasks = new Map<string, Task>();
  for (const folder of options.folders) {
    const task = await loadTask(folder, options);
    const { name } = task.definition;
    if (tasks.has(name))
      throw new TaskFileError(resolve(task.folder, 'task.json'), [`name: ${name} is taken`]);
    tasks.set(name, task);
  }
  return tasks;
};

/** `loadTasks` for a main module: what is wrong goes to stderr and the process exits with 1. */
export const loadTasksOrExit = async (options: LoadTasksOptions): Promise<ReadonlyMap<string, Task>> => {
  try {
    return await loadTasks(options);
  } catch (error) {
    if (!(error instanceof TaskFileError || error instanceof TaskFolderError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(1);
  }
};

/** The tasks that a local system serves: checked before anything is started, and what an earlier run served is forgotten. */
import { join } from 'node:path';
import { createKeys } from '@factorial/core/redis/keys';
import { Redis } from 'ioredis';
import { loadTasks } from '../../services/worker/src/tasks/load-tasks.ts';
import type { RunSettings } from './settings.ts';

export interface ServedTasksOptions {
  settings: RunSettings;
  repositoryDir: string;
  pool: string;
}

/** @returns their names. @throws naming the file and the rule when a task folder is wrong. */
export const readServedTasks = async (options: ServedTasksOptions): Promise<string[]> => {
  const { settings, repositoryDir, pool } = options;
  const builtIn = join(repositoryDir, 'services/worker/src/tasks/factorial');
  const folders = settings.TASKS?.split(',').map((folder) => folder.trim()) ?? [builtIn];
  const env = { FACTORIAL_MAX_N: settings.FACTORIAL_MAX_N };
  return [...(await loadTasks({ folders, pool, env })).keys()];
};

/** Announced tasks stay known, since a pool may be scaled to nothing; here no worker serves those of another run any more. */
export const forgetOtherTasks = async (redisUrl: string, served: readonly string[]): Promise<void> => {
  const redis = new Redis(redisUrl);
  const { tasks } = createKeys('factorial');
  const others = (await redis.hkeys(tasks)).filter((name) => !served.includes(name));
  if (others.length > 0) await redis.hdel(tasks, ...others);
  redis.disconnect();
};

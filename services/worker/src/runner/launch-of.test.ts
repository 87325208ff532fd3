import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTasks } from '../tasks/load-tasks.ts';
import { launchOf } from './launch-of.ts';

const folders = [join(import.meta.dirname, '../tasks/factorial')];

const launchWith = async (env: Record<string, string>) => {
  const task = (await loadTasks({ folders, pool: 'p', env: {} })).get('factorial');
  if (!task) throw new Error('the task is not there');
  return launchOf(task, env);
};

describe("a runner's environment", () => {
  it('has what a task may need', async () => {
    const { env } = await launchWith({ PATH: '/bin', MODEL_URL: 'http://models' });
    expect(env).toEqual({ PATH: '/bin', MODEL_URL: 'http://models' });
  });

  it("has neither the worker's settings nor the limit of the worker's own heap", async () => {
    const { env } = await launchWith({
      PATH: '/bin',
      AMQP_URL: 'amqp://user:password@broker',
      INTERNAL_TOKEN_FILE: '/token',
      NODE_OPTIONS: '--max-old-space-size=64',
    });
    expect(env).toEqual({ PATH: '/bin' });
  });
});

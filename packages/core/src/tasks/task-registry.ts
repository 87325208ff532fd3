/** The tasks that workers have announced, as the API knows them. They stay when no worker runs: a pool may be scaled to zero. */
import type { Redis } from 'ioredis';
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';
import type { Clock } from '../time/clock.ts';
import { taskDefinitionSchema, type TaskDefinition } from './task-definition.ts';

export interface TaskRegistry {
  announce(definition: TaskDefinition): Promise<void>;
  get(name: string): Promise<TaskDefinition | undefined>;
  list(): Promise<TaskDefinition[]>;
}

export interface TaskRegistryDeps {
  redis: Redis;
  keys: Keys;
  clock: Clock;
  /** How old an answer from memory may be. */
  cacheMs?: number;
}

export const createTaskRegistry = ({
  redis,
  keys,
  clock,
  cacheMs = 2_000,
}: TaskRegistryDeps): TaskRegistry => {
  let cached = new Map<string, TaskDefinition>();
  let readAt = Number.NEGATIVE_INFINITY;

  const all = async (): Promise<Map<string, TaskDefinition>> => {
    if (clock.now() - readAt < cacheMs) return cached;
    const texts = await storing(redis.hvals(keys.tasks));
    const definitions = texts.map((text) => taskDefinitionSchema.parse(JSON.parse(text)));
    cached = new Map(definitions.map((definition) => [definition.name, definition]));
    readAt = clock.now();
    return cached;
  };

  return {
    announce: async (definition) => {
      await storing(redis.hset(keys.tasks, definition.name, JSON.stringify(definition)));
      readAt = Number.NEGATIVE_INFINITY;
    },
    get: async (name) => (await all()).get(name),
    list: async () => [...(await all()).values()].sort((one, other) => one.name.localeCompare(other.name)),
  };
};

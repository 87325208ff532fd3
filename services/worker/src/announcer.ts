/** Tells the api which tasks this worker serves, before it takes the first job; keeps trying while the api is away. */
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import type { InternalClient } from './internal-client.ts';
import { retryPassing } from './internal-http.ts';
import type { Task } from './tasks/load-tasks.ts';

export interface AnnouncerDeps {
  client: Pick<InternalClient, 'announce'>;
  tasks: readonly Task[];
  logger: Logger;
  random: () => number;
}

export interface Announcer extends Service {
  isDone: () => boolean;
}

export const createAnnouncer = (deps: AnnouncerDeps): Announcer => {
  const stopping = new AbortController();
  let isDone = false;

  const announce = async ({ definition }: Task): Promise<void> =>
    retryPassing(async () => deps.client.announce(definition), {
      signal: stopping.signal,
      random: deps.random,
      onFailure: (err) => deps.logger.warn({ err, task: definition.name }, 'task not announced yet'),
    });

  return {
    name: 'announcer',
    isDone: () => isDone,
    start: async () => {
      await Promise.all(deps.tasks.map(announce));
      isDone = true;
    },
    stop: async () => {
      stopping.abort();
      await Promise.resolve();
    },
  };
};

/** Jobs that take their time, submitted, ended and waited for in numbers. */
import type { SystemClient } from '../../client/system-client.ts';

export interface Naps {
  count: number;
  seconds: number;
  task?: string;
}

export const submitNaps = async (
  client: SystemClient,
  { count, seconds, task = 'nap' }: Naps,
): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, index) =>
      client.accepted({ task, input: { seconds, text: `nap ${index}` } }),
    ),
  );

export const cancelAll = async (client: SystemClient, ids: readonly string[]): Promise<void> => {
  await Promise.all(ids.map(async (id) => client.post(`/v1/jobs/${id}/cancel`, {})));
  for (const id of ids) await client.waitUntilFinal(id, 60_000);
};

/** How many of them a worker has in hand. */
export const countRunning = async (client: SystemClient, ids: readonly string[]): Promise<number> => {
  const jobs = await Promise.all(ids.map(async (id) => client.job(id)));
  return jobs.filter(({ status }) => status === 'processing').length;
};

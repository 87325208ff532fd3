/** Before the users come: is this the system, does it let us in, and which run is this? */
import type { ApiClient } from './api-client.ts';
import type { Settings } from './settings.ts';

export interface Run {
  /** Parts this run's idempotency keys from those of other runs. */
  id: string;
}

/** @throws with one sentence, so that k6 ends before it has sent any load. */
export const firstLook = ({ baseUrl }: Settings, client: ApiClient): Run => {
  const { status, error } = client.ask({ path: '/v1/queue', name: '/v1/queue' });
  if (status === 401 || status === 403) throw new Error(`${baseUrl} refuses TOKEN (${status}).`);
  if (status !== 200) throw new Error(`${baseUrl}/v1/queue answers ${status || error}, not 200.`);
  return { id: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}` };
};

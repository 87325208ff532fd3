/** A stand-in for the api and a client of it for each test, closed after it. */
import { onTestFinished } from 'vitest';
import type { FactorialClient } from '../client.ts';
import { type ClientOptions, createClient } from '../create-client.ts';
import { type Answer, type StandInApi, startStandInApi } from './stand-in-api.ts';

export interface StandIn {
  api: StandInApi;
  client: FactorialClient;
}

/** Its client does not pause between tries, unless it is told to. */
export const useStandIn = async (
  answers: readonly Answer[],
  options: Partial<ClientOptions> = {},
): Promise<StandIn> => {
  const api = await startStandInApi(...answers);
  onTestFinished(async () => api.close());
  const client = createClient({ baseUrl: api.url, token: 'a.b.c', random: () => 0, ...options });
  return { api, client };
};

export const job = (status: string, more: object = {}): object => ({ id: 'j1', status, attempt: 1, ...more });

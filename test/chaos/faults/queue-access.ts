/** A queue by way of RabbitMQ's management API: what is in it, and what nobody should do to it. Where that is away, nothing is done. */
import { z } from 'zod';

export interface QueueAccess {
  deleteQueue: () => Promise<void>;
  sendPoison: () => Promise<void>;
  /** Messages in the queue, ready or held. @throws when nobody tells. */
  messages: () => Promise<number>;
}

const queueSchema = z.looseObject({ messages: z.number() });

/** Not JSON, not ours, and of a job that never was. */
const poison = ['{"request_id":', '{"job":17}', '{"request_id":"00000000-0000-4000-8000-000000000000"}'];

const toMessage = (queue: string, payload: string) => ({
  properties: { delivery_mode: 2 },
  routing_key: queue,
  payload,
  payload_encoding: 'string',
});

/** @param managementUrl with user and password. @param queue of the default virtual host. */
export const createQueueAccess = (managementUrl: string, queue: string): QueueAccess => {
  const { username, password, origin } = new URL(managementUrl);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const headers = { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${origin}/api/${path}`, { ...init, headers, signal: AbortSignal.timeout(5_000) });
  const ofQueue = `queues/%2F/${queue}`;
  return {
    deleteQueue: async () => {
      await call(ofQueue, { method: 'DELETE' }).catch(() => undefined);
    },
    sendPoison: async () => {
      for (const payload of poison) {
        const body = JSON.stringify(toMessage(queue, payload));
        await call('exchanges/%2F/amq.default/publish', { method: 'POST', body }).catch(() => undefined);
      }
    },
    messages: async () => queueSchema.parse(await (await call(ofQueue)).json()).messages,
  };
};

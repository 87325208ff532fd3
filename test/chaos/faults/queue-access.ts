/** A queue by way of RabbitMQ's management API: what is in it, and what nobody should do to it. Where that is away, nothing is done. */
import { createManagementApi } from '@factorial/core/testing/management-api';
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
  const management = createManagementApi(managementUrl);
  const ofQueue = `queues/%2F/${queue}`;
  return {
    deleteQueue: async () => management.remove(ofQueue).catch(() => undefined),
    sendPoison: async () => {
      for (const payload of poison) {
        await management
          .post('exchanges/%2F/amq.default/publish', toMessage(queue, payload))
          .catch(() => undefined);
      }
    },
    messages: async () => queueSchema.parse(await management.get(ofQueue)).messages,
  };
};

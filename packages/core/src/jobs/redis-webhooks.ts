/** Deliveries to webhooks in Redis. The scripts of the job's life make them; here they are taken, recorded and shown. */
import { z } from 'zod';
import { redisNowMs } from '../redis/redis-now.ts';
import { storing } from '../redis/store-error.ts';
import type { ScriptReply } from './job-scripts.ts';
import type { RedisJobStoreDeps } from './redis-job-intake.ts';
import {
  type DeliveryOutcome,
  storedDeliverySchema,
  type TakenDelivery,
  type WebhookDeliveries,
  type WebhookDelivery,
  webhookSchema,
} from './webhook.ts';

/** The newest attempts of a delivery are kept, these many. */
const attemptsKept = 20;

const deliveryId = (job: string, number: string): string => `${job}-${number}`;
const jobOf = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf('-')));

const parseDelivery = (id: string, text: string): WebhookDelivery => ({
  ...storedDeliverySchema.parse(JSON.parse(text)),
  id,
  job: jobOf(id),
});

const parseOne = ([id = '', text = '', webhook = '', owner = '']: readonly string[]): TakenDelivery => ({
  ...parseDelivery(id, text),
  url: webhookSchema.parse(JSON.parse(webhook)).url,
  owner,
});

/** What a meddling hand has left does not hold up the others. */
const onlyReadable = <Item, Parsed>(items: readonly Item[], parse: (item: Item) => Parsed): Parsed[] =>
  items.flatMap((item) => {
    try {
      return [parse(item)];
    } catch {
      return [];
    }
  });

/** name, delivery, webhook, owner: four parts each. */
const parseTaken = ([, ...parts]: ScriptReply): TakenDelivery[] => {
  const taken = Array.from({ length: parts.length / 4 }, (_, index) =>
    parts.slice(index * 4, index * 4 + 4).map(String),
  );
  return onlyReadable(taken, parseOne);
};

const toStatus = (outcome: DeliveryOutcome): string => (outcome.kind === 'again' ? 'pending' : outcome.kind);

/** @returns undefined when it is gone, or when it is not to be made any more. */
const scoresOf = async (
  { redis, keys }: Pick<RedisJobStoreDeps, 'redis' | 'keys'>,
  ids: readonly string[],
): Promise<(number | undefined)[]> => {
  if (ids.length === 0) return [];
  const scores = await storing(redis.zmscore(keys.webhooksDue, ...ids));
  return scores.map((score) => (score === null ? undefined : Number(score)));
};

const listDeliveries = async (
  deps: Pick<RedisJobStoreDeps, 'redis' | 'keys'>,
  job: string,
): Promise<WebhookDelivery[]> => {
  const { last: _last, ...texts } = await storing(deps.redis.hgetall(deps.keys.webhooks(job)));
  const entries = Object.entries(texts).sort(([one], [other]) => Number(one) - Number(other));
  const deliveries = onlyReadable(entries, ([number, text]) => parseDelivery(deliveryId(job, number), text));
  const scores = await scoresOf(
    deps,
    deliveries.map(({ id }) => id),
  );
  return deliveries.map((delivery, index) => {
    const nextAttemptAt = scores[index];
    return nextAttemptAt === undefined ? delivery : { ...delivery, nextAttemptAt };
  });
};

export const createRedisWebhooks = (deps: Omit<RedisJobStoreDeps, 'settings'>): WebhookDeliveries => {
  const { redis, keys, run } = deps;
  return {
    take: async (limit, leaseMs) => parseTaken(await run('take-webhooks', [limit, leaseMs])),
    record: async (id, attempt, outcome) => {
      const delayMs = outcome.kind === 'again' ? Math.round(outcome.delayMs) : 0;
      await run('record-webhook', [id, JSON.stringify(attempt), toStatus(outcome), delayMs, attemptsKept]);
    },
    putOff: async (deliveries) => {
      if (deliveries.length === 0) return;
      const nowMs = await redisNowMs(redis);
      const moved = deliveries.flatMap(({ id, delayMs }) => [nowMs + Math.round(delayMs), id]);
      await storing(redis.zadd(keys.webhooksDue, 'XX', ...moved));
    },
    replay: async (id) => z.enum(['OK', 'GONE']).parse((await run('replay-webhook', [id]))[0]) === 'OK',
    list: async (job) => listDeliveries(deps, job),
    due: async () => storing(redis.zcount(keys.webhooksDue, '-inf', await redisNowMs(redis))),
  };
};

/** Dead letters in Redis: what was taken out of the broker to be looked at, until it is sent back or thrown away. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { deadLetterReasons, type RawDeadLetter, timeSchema } from '../queue/dead-letter.ts';
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';
import type { RunScript } from './job-scripts.ts';

/** Together at most 8 MiB, for none is stored in more than 16 KiB; what does not fit waits in the broker. */
export const mostDeadLetters = 500;
/**
 * Twice the largest message of ours, 10.7 KiB in base64; what else is told of a letter has its limit in `dead-letter.ts`.
 * What is cut can be looked at, and not be sent again.
 */
export const keptBodyBytes = 8 * 1024;

/** Long enough to publish it, short enough to wait for when whoever held it has died. */
const holdMs = 30_000;

const deadLetterSchema = z.object({
  pool: z.string(),
  reason: z.enum(deadLetterReasons),
  detail: z.string(),
  /** ms since the epoch: when it was set aside, or taken out of the broker where nobody has noted that. */
  deadAt: timeSchema,
  messageId: z.string().optional(),
  contentType: z.string().optional(),
  traceparent: z.string().optional(),
  /** Of the whole body. */
  bytes: z.number(),
  /** The body's beginning, up to `keptBodyBytes`. */
  body: z.base64().transform((text) => Buffer.from(text, 'base64')),
});
type StoredDeadLetter = z.input<typeof deadLetterSchema>;
type ReadDeadLetter = z.output<typeof deadLetterSchema>;
/** `deadAt` is absent where what is stored cannot be read. */
export type DeadLetter = Omit<ReadDeadLetter, 'deadAt'> & { id: string; deadAt?: number; isWhole: boolean };

/** A letter's place: `order` rises with each one that is remembered. */
export interface DeadLetterPlace {
  id: string;
  pool: string;
  order: number;
}

export interface DeadLetters {
  /** All of them or, where they do not fit, none. Of none: rejects where those that come now could not be kept. */
  keep(pool: string, letters: readonly RawDeadLetter[], nowMs: number): Promise<'kept' | 'full'>;
  count(): Promise<number>;
  /** Every letter, the oldest first. */
  places(): Promise<DeadLetterPlace[]>;
  /** Those of them that are there, in this order. */
  read(ids: readonly string[]): Promise<DeadLetter[]>;
  /** For 30 s nobody else gets it. @returns whether it was free. */
  hold(id: string): Promise<boolean>;
  release(id: string): Promise<void>;
  /** @returns how many of them there were. */
  drop(ids: readonly string[]): Promise<number>;
}

export interface DeadLettersDeps {
  redis: Redis;
  keys: Keys;
  run: RunScript;
}

/** No name of a pool has a colon. */
const newId = (pool: string): string => `${pool}:${randomUUID()}`;
const poolOf = (id: string): string => id.slice(0, id.indexOf(':'));

const toStored = (pool: string, letter: RawDeadLetter, nowMs: number): StoredDeadLetter => ({
  pool,
  reason: letter.reason,
  detail: letter.detail,
  deadAt: letter.diedAtMs ?? nowMs,
  messageId: letter.messageId,
  contentType: letter.contentType,
  traceparent: letter.traceparent,
  bytes: letter.content.length,
  body: letter.content.subarray(0, keptBodyBytes).toString('base64'),
});

const parseStored = (text: string): ReadDeadLetter | undefined => {
  try {
    return deadLetterSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/** One that cannot be read is there all the same: it can be seen and thrown away, and hides no other. */
const toDeadLetter = (id: string, text: string): DeadLetter => {
  const letter = parseStored(text);
  if (letter) return { ...letter, id, isWhole: letter.body.length === letter.bytes };
  const detail = 'what is stored of it cannot be read';
  const body = Buffer.from(text).subarray(0, keptBodyBytes);
  return {
    id,
    pool: poolOf(id),
    reason: 'unknown',
    detail,
    bytes: Buffer.byteLength(text),
    body,
    isWhole: false,
  };
};

const readAll = async ({ redis, keys }: DeadLettersDeps, ids: readonly string[]): Promise<DeadLetter[]> => {
  if (ids.length === 0) return [];
  const texts = await storing(redis.mget(ids.map((id) => keys.deadLetter(id))));
  return texts.flatMap((text, index) => (text === null ? [] : [toDeadLetter(ids[index] ?? '', text)]));
};

const placesOf = async ({ redis, keys }: DeadLettersDeps): Promise<DeadLetterPlace[]> => {
  const flat = await storing(redis.zrange(keys.deadLetters, '0', '-1', 'WITHSCORES'));
  return flat.flatMap((id, index) =>
    index % 2 === 0 ? [{ id, pool: poolOf(id), order: Number(flat[index + 1]) }] : [],
  );
};

/** Those that may have been written, and are the broker's still: a look at them now would find them twice. */
const keepAll = async (
  { run }: DeadLettersDeps,
  letters: ReadonlyMap<string, string>,
): Promise<'kept' | 'full'> => {
  try {
    const [word] = await run('keep-letters', [mostDeadLetters, ...[...letters].flat()]);
    return word === 'OK' ? 'kept' : 'full';
  } catch (thrown) {
    await run('drop-letters', [...letters.keys()]).catch(() => undefined);
    throw thrown;
  }
};

export const createRedisDeadLetters = (deps: DeadLettersDeps): DeadLetters => {
  const { redis, keys, run } = deps;
  return {
    keep: async (pool, letters, nowMs) =>
      keepAll(
        deps,
        new Map(letters.map((letter) => [newId(pool), JSON.stringify(toStored(pool, letter, nowMs))])),
      ),
    count: async () => storing(redis.zcard(keys.deadLetters)),
    places: async () => placesOf(deps),
    read: async (ids) => readAll(deps, ids),
    hold: async (id) => (await storing(redis.set(keys.deadLetterHold(id), '1', 'PX', holdMs, 'NX'))) === 'OK',
    release: async (id) => {
      await storing(redis.del(keys.deadLetterHold(id)));
    },
    drop: async (ids) => (ids.length === 0 ? 0 : Number((await run('drop-letters', ids))[1])),
  };
};

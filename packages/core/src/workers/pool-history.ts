/**
 * A pool's last hour, one sample a step, in a Redis stream. A sample's id is the step it belongs to, and Redis takes no id twice:
 * however many replicas of the api write, each step is there once.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type ScalerStatement, scalerStatementSchema } from '../internal/protocol.ts';
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';

/** From one sample to the next, ms. */
export const historyStepMs = 5_000;
/** How far the samples go back, ms. */
export const historyKeptMs = 3_600_000;
/** The history of a pool that nobody samples any more goes as a whole. */
const ttlMs = historyKeptMs * 2;
/** A statement that stays the same is written out again after this time, so that trimming never takes the only copy. */
const statedEveryMs = 300_000;

export interface PoolCounts {
  /** Jobs that wait, and jobs that run. */
  waiting: number;
  processing: number;
  /** Workers. */
  busy: number;
  idle: number;
  draining: number;
}

export interface PoolSample extends PoolCounts {
  /** The beginning of its step, ms since the epoch by Redis's clock. */
  atMs: number;
  /** Workers that the scaler wanted; absent while it held. */
  replicas?: number | undefined;
  /** What the scaler said; absent where that had not changed. */
  scaler?: ScalerStatement | undefined;
}

/** A sample that is about to be written: always with what the scaler says. */
export type NewPoolSample = PoolCounts & { atMs: number; scaler: ScalerStatement };

export interface PoolHistory {
  /** @returns false when this step or a later one was there already. */
  record(pool: string, sample: NewPoolSample): Promise<boolean>;
  /** The step of the newest sample, ms since the epoch; undefined where there is none. */
  newestMs(pool: string): Promise<number | undefined>;
  /** All that is kept, oldest first. */
  read(pool: string): Promise<PoolSample[]>;
}

/**
 * Few and short fields, the same in every entry, which Redis then keeps in little room: an hour is read at once, and often.
 * `counts` are waiting, processing, busy, idle, draining and the replicas, which are empty where the scaler held.
 */
const entrySchema = z.object({
  counts: z.string().regex(/^(?:\d+,){5}\d*$/),
  /** Stands for the statement, in entries without its text, too. */
  said: z.string(),
  scaler: z.string(),
});
type Fields = z.output<typeof entrySchema>;
type Entry = [id: string, fields: string[]];

const fieldsOf = ([, pairs]: Entry): Fields => {
  const fields: Record<string, string | undefined> = {};
  for (let index = 0; index < pairs.length; index += 2) fields[String(pairs[index])] = pairs[index + 1];
  return entrySchema.parse(fields);
};

const stepOf = ([id]: Entry): number => Number(id.split('-', 1)[0]);

const toCounts = ({ waiting, processing, busy, idle, draining }: PoolCounts, replicas: number | undefined) =>
  [waiting, processing, busy, idle, draining, replicas ?? ''].join(',');

const parseCounts = (text: string): Omit<PoolSample, 'atMs' | 'scaler'> => {
  const [waiting = 0, processing = 0, busy = 0, idle = 0, draining = 0, replicas = 0] = text
    .split(',')
    .map(Number);
  return { waiting, processing, busy, idle, draining, ...(text.endsWith(',') ? {} : { replicas }) };
};

const toSample = (entry: Entry): PoolSample => {
  const { counts, scaler } = fieldsOf(entry);
  return {
    ...parseCounts(counts),
    atMs: stepOf(entry),
    ...(scaler === '' ? {} : { scaler: scalerStatementSchema.parse(JSON.parse(scaler)) }),
  };
};

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 8);

/** @param before the newest entry so far. */
const toFields = ({ atMs, scaler, ...counts }: NewPoolSample, before: Entry | undefined): Fields => {
  const text = JSON.stringify(scaler);
  const said = digestOf(text);
  const isNews = before === undefined || fieldsOf(before).said !== said || atMs % statedEveryMs === 0;
  return { counts: toCounts(counts, scaler.replicas), said, scaler: isNews ? text : '' };
};

const isTaken = (error: unknown): boolean =>
  error instanceof Error && /equal or smaller than the target stream top item/.test(error.message);

export const createPoolHistory = (redis: Redis, keys: Keys): PoolHistory => {
  const newest = async (pool: string): Promise<Entry | undefined> =>
    (await storing(redis.xrevrange(keys.poolHistory(pool), '+', '-', 'COUNT', 1)))[0];

  const append = async (
    key: string,
    atMs: number,
    fields: readonly (string | number)[],
  ): Promise<boolean> => {
    const oldest = atMs - historyKeptMs;
    try {
      await storing(redis.xadd(key, 'MINID', '=', oldest, `${atMs}-0`, ...fields));
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  };

  return {
    record: async (pool, sample) => {
      const key = keys.poolHistory(pool);
      const before = await newest(pool);
      if (!(await append(key, sample.atMs, Object.entries(toFields(sample, before)).flat()))) return false;
      await storing(redis.pexpire(key, ttlMs));
      return true;
    },
    newestMs: async (pool) => {
      const entry = await newest(pool);
      return entry && stepOf(entry);
    },
    read: async (pool) => (await storing(redis.xrange(keys.poolHistory(pool), '-', '+'))).map(toSample),
  };
};

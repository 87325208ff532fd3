/** What a pool's scaler said last, for those who ask why there are as many workers as there are. */
import type { Redis } from 'ioredis';
import { type ScalerStatement, scalerStatementSchema } from '../internal/protocol.ts';
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';

/** A scaler that is silent this long has nothing to say about now. */
const statementTtlMs = 15_000;

export interface ScalerStatements {
  tell(pool: string, statement: ScalerStatement): Promise<void>;
  /** Undefined when no scaler has spoken within the last 15 s. */
  last(pool: string): Promise<ScalerStatement | undefined>;
}

export const createScalerStatements = (redis: Redis, keys: Keys): ScalerStatements => ({
  tell: async (pool, statement) => {
    await storing(redis.set(keys.scaler(pool), JSON.stringify(statement), 'PX', statementTtlMs));
  },
  last: async (pool) => {
    const text = await storing(redis.get(keys.scaler(pool)));
    return text === null ? undefined : scalerStatementSchema.parse(JSON.parse(text));
  },
});

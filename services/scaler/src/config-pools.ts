/** The variable that lists the pools: each with what is special about it. */
import { json, slug } from '@factorial/core/config/fields';
import { z } from 'zod';

const whole = (least: number, most: number) => z.number().int().min(least).max(most).optional();

const poolSchema = z.strictObject({
  name: slug(),
  /** The Deployment of its workers. */
  deployment: slug().optional(),
  minWorkers: whole(0, 1_000),
  maxWorkers: whole(1, 1_000),
  slotsPerWorker: whole(1, 256),
  targetWaitSeconds: whole(1, 3_600),
  idleTimeoutSeconds: whole(0, 86_400),
  downWindowSeconds: whole(5, 300),
  assumedServiceSeconds: whole(1, 86_400),
});
export type PoolConfig = z.output<typeof poolSchema>;

const isUnique = (pools: readonly PoolConfig[]): boolean =>
  new Set(pools.map(({ name }) => name)).size === pools.length;

const poolsSchema = z.array(poolSchema).min(1).refine(isUnique, 'names a pool twice');

export const poolsField = () => json().pipe(poolsSchema).prefault('[{"name":"factorial"}]');

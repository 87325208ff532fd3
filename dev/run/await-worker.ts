/** Waits until the api knows a worker that takes jobs. */
import { type PoolReport, poolResponseSchema } from '@factorial/core/internal/protocol';
import { sleep } from '@factorial/core/lifecycle/sleep';

export interface PoolOptions {
  internalUrl: string;
  /** With the scope `scaler`. */
  token: string;
  pool: string;
}

export interface AwaitWorkerOptions extends PoolOptions {
  timeoutMs: number;
  signal: AbortSignal;
}

/** @throws when the api does not answer with a report within 3 s. */
const readPool = async ({ internalUrl, token, pool }: PoolOptions): Promise<PoolReport> => {
  const answer = await fetch(`${internalUrl}/internal/v1/pools/${pool}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(3_000),
  });
  return poolResponseSchema.parse(await answer.json());
};

const hasActiveWorker = async (options: PoolOptions): Promise<boolean> => {
  const { workers } = await readPool(options);
  return workers.some(({ state }) => state === 'active');
};

/** @throws when none is there in time. */
export const awaitWorker = async (options: AwaitWorkerOptions): Promise<void> => {
  const over = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), options.signal]);
  while (!over.aborted) {
    if (await hasActiveWorker(options).catch(() => false)) return;
    await sleep(100, over);
  }
  throw new Error(
    `no worker was ready in ${options.timeoutMs / 1_000} s; see the logs of scaler and workers`,
  );
};

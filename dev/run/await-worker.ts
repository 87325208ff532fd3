/** Waits until the api knows a worker that takes jobs, or until it is plain that there will be none. */
import { readFile } from 'node:fs/promises';
import { type PoolReport, poolResponseSchema } from '@factorial/core/internal/protocol';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { type WorkerFailures, workerFailuresIn } from './worker-failures.ts';

export interface PoolOptions {
  internalUrl: string;
  /** With the scope `scaler`. */
  token: string;
  pool: string;
}

export interface AwaitWorkerOptions extends PoolOptions {
  /** The log of the first worker, which tells why it does not come up. */
  logFile: string;
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

const readFailures = async (logFile: string): Promise<WorkerFailures> =>
  workerFailuresIn(await readFile(logFile, 'utf8').catch(() => ''));

/** @throws with what the worker's log says, when none is there in time or it has failed twice in the same way. */
export const awaitWorker = async (options: AwaitWorkerOptions): Promise<void> => {
  const over = AbortSignal.any([AbortSignal.timeout(options.timeoutMs), options.signal]);
  let failures = await readFailures(options.logFile);
  while (!over.aborted && !failures.repeated) {
    if (await hasActiveWorker(options).catch(() => false)) return;
    await sleep(100, over);
    failures = await readFailures(options.logFile);
  }
  const when = failures.repeated
    ? 'the worker has failed twice'
    : `no worker in ${options.timeoutMs / 1_000} s`;
  throw new Error(`${when}: ${failures.last ?? 'it has told nothing'}\nIts log: ${options.logFile}`);
};

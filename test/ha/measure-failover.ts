/** One failover of Redis under load, and what became of the jobs that were accepted meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '@factorial/core/testing/wait-until';
import type { RedisSystem } from './redis-system.ts';
import { findLost, longestGapSeconds, startTimedLoad, type TimedLedger } from './timed-load.ts';

export interface Failover {
  ledger: TimedLedger;
  /** Accepted, and not known any more. */
  lost: string[];
  /** The longest time without an acceptance, s. */
  gapSeconds: number;
}

/** So small that the queue stays short. */
const work = { n: 10 };
const aroundMs = 1_500;

/** @param happen resolves when the failover is over. */
export const measureFailover = async (
  redisSystem: RedisSystem,
  happen: (redisSystem: RedisSystem) => Promise<void>,
): Promise<Failover> => {
  const target = redisSystem.system;
  const load = startTimedLoad({ target, work, clients: 6, paceMs: 15 });
  const grows = async (what: string): Promise<void> => {
    const before = load.ledger.accepted.size;
    await waitUntil(() => load.ledger.accepted.size > before, { timeoutMs: 40_000, what });
  };
  await grows('jobs are accepted');
  await delay(aroundMs);
  const beganMs = performance.now();
  await happen(redisSystem);
  await grows('jobs are accepted again');
  await delay(aroundMs);
  const ledger = await load.stop();
  return {
    ledger,
    lost: await findLost(target, ledger.accepted),
    gapSeconds: longestGapSeconds(ledger.acceptedAtMs, beganMs, performance.now()),
  };
};

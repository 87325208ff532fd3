/**
 * Leaves a primary as soon as the sentinels have named another: one that hangs keeps its connections, and one that was
 * demoted in a planned failover goes on taking writes for seconds, which are lost. The client library has a listener of its
 * own for this, which ends the client for good when the news comes while it is connecting anew.
 */
import { Redis } from 'ioredis';
import type { SentinelUrl } from './redis-url.ts';

const news = '+switch-master';
const reconnectDelayMs = (attempt: number): number => Math.min(attempt * 100, 1_000);

const createListener = (
  { tls, name, sentinelUsername, sentinelPassword }: SentinelUrl,
  address: SentinelUrl['sentinels'][number],
  onSwitch: (told: string) => void,
): Redis => {
  const sentinel = new Redis({
    ...address,
    ...(sentinelUsername === undefined ? {} : { username: sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
    ...(tls ? { tls: {} } : {}),
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: 2_000,
    retryStrategy: reconnectDelayMs,
  });
  // Those that cannot be reached are told of where the primary is asked for.
  sentinel.on('error', () => undefined);
  sentinel.on('message', (_channel: string, told: string) => {
    if (told.startsWith(`${name} `)) onSwitch(told);
  });
  sentinel.subscribe(news).catch(() => undefined);
  return sentinel;
};

/** From the client's first connection until its end. */
export const followPrimary = (redis: Redis, url: SentinelUrl): void => {
  let listeners: Redis[] = [];
  let lastTold = '';

  /** Each sentinel tells: only the first one's word is news. */
  const onSwitch = (told: string): void => {
    if (told === lastTold) return;
    lastTold = told;
    if (redis.status === 'ready') redis.disconnect(true);
  };

  redis.once('connecting', () => {
    listeners = url.sentinels.map((address) => createListener(url, address, onSwitch));
  });
  redis.once('end', () => listeners.forEach((listener) => listener.disconnect()));
};

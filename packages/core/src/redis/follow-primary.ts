/**
 * Leaves a primary as soon as the sentinels have named another: one that hangs keeps its connections, and one that was
 * demoted in a planned failover goes on taking writes for seconds, which are lost. The client library has a listener of its
 * own for this, which ends the client for good when the news comes while it is connecting anew.
 */
import { Redis, ReplyError } from 'ioredis';
import { toError } from '../errors/to-error.ts';
import type { Logger } from '../ops/logger.ts';
import type { SentinelUrl } from './redis-url.ts';

export interface FollowPrimaryDeps {
  redis: Redis;
  url: SentinelUrl;
  logger: Logger;
  /** Before a sentinel that is away is tried again. */
  reconnectDelayMs?: (attempt: number) => number;
}

const news = '+switch-master';

const createListener = (
  { url, logger, reconnectDelayMs }: FollowPrimaryDeps,
  address: SentinelUrl['sentinels'][number],
  onSwitch: (told: string) => void,
): Redis => {
  const { tls, name, sentinelUsername, sentinelPassword } = url;
  const sentinel = new Redis({
    ...address,
    ...(sentinelUsername === undefined ? {} : { username: sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
    ...(tls ? { tls: {} } : {}),
    lazyConnect: true,
    enableReadyCheck: false,
    // Each connection subscribes for itself: a command that waits for one is given up after some tries.
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 2_000,
    retryStrategy: reconnectDelayMs ?? ((attempt) => Math.min(attempt * 100, 1_000)),
  });
  // Those that cannot be reached are told of where the primary is asked for.
  sentinel.on('error', () => undefined);
  sentinel.on('message', (_channel: string, told: string) => {
    if (told.startsWith(`${name} `)) onSwitch(told);
  });
  sentinel.on('ready', () => {
    sentinel.subscribe(news).catch((thrown: unknown) => {
      if (thrown instanceof ReplyError) logger.warn({ err: toError(thrown) }, 'sentinel tells no news');
    });
  });
  sentinel.connect().catch(() => undefined);
  return sentinel;
};

/** From the client's first connection until its end. */
export const followPrimary = (deps: FollowPrimaryDeps): void => {
  const { redis, url } = deps;
  let listeners: Redis[] = [];
  let lastLeftFor = '';
  /** Came while the client was connecting, perhaps to where it was sent before. */
  let overtakenBy: string | undefined;

  const leave = (told: string): void => {
    lastLeftFor = told;
    redis.disconnect(true);
  };
  /** Each sentinel tells: only the word that the client has not left for yet is news. */
  const onSwitch = (told: string): void => {
    if (told === lastLeftFor) return;
    if (redis.status === 'ready') leave(told);
    else overtakenBy = told;
  };

  redis.once('connecting', () => {
    listeners = url.sentinels.map((address) => createListener(deps, address, onSwitch));
  });
  redis.on('connecting', () => {
    overtakenBy = undefined;
  });
  redis.on('ready', () => {
    if (overtakenBy !== undefined) leave(overtakenBy);
  });
  redis.once('end', () => listeners.forEach((listener) => listener.disconnect()));
};

/** The WebSockets alone beside the test that uses them: a real store and hub, and limits as the test wants them. */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@factorial/core/time/clock';
import type { VerifiedToken } from '@factorial/core/auth/verify-token';
import type { JobEventLog } from '@factorial/core/jobs/redis-job-events';
import { createRedisClient } from '@factorial/core/redis/redis-client';
import { createRecordedLogger, type RecordedLogger } from '@factorial/core/testing/recorded-logger';
import { createTestJobStore, type TestJobStore } from '@factorial/core/testing/test-job-store';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import type { ClientOptions } from 'ws';
import { createApp } from '../http/create-app.ts';
import { isAdmin } from '../http/middleware/authenticate.ts';
import { createWebSocketRoutes, isForWebSocket } from '../http/routes/ws.ts';
import { createUpgrades } from '../http/upgrades.ts';
import { createHttpServer, type HttpServer } from '../http-server.ts';
import { createFindJob } from '../jobs/find-job.ts';
import { createJobEvents, type JobEvents } from '../push/job-events.ts';
import { createJobNews } from '../push/job-news.ts';
import { createOpenStreams, type OpenStreams } from '../push/open-streams.ts';
import { defaultSocketLimits, type SocketLimits } from '../push/websocket/socket-limits.ts';
import { createWebSockets, type WebSockets } from '../push/websocket/web-sockets.ts';
import { openSocket, type TestSocket } from './test-socket.ts';

export interface TestWebSockets {
  redis: TestRedis;
  store: TestJobStore;
  hub: JobEvents;
  streams: OpenStreams;
  webSockets: WebSockets;
  server: HttpServer;
  log: RecordedLogger;
  /** Events that were read from the store so far, by whomever. */
  eventsRead: () => number;
  /** As the owner of the store's jobs. */
  open: (options?: ClientOptions) => Promise<TestSocket>;
  close: () => Promise<void>;
}

/** Of the jobs of `createTestJobStore`. */
const owner: VerifiedToken = { subject: 'ann', scopes: new Set(['jobs:read']) };

export interface TestWebSocketsOptions {
  limits?: Partial<SocketLimits>;
  /** Until when the token is good, ms since the epoch. */
  goodUntilMs?: number;
  /** Every job that is followed is looked at this often. */
  lookEveryMs?: number;
  /** Redis is slow. */
  readDelayMs?: number;
}

export const startTestWebSockets = async (options: TestWebSocketsOptions = {}): Promise<TestWebSockets> => {
  const redis = await createTestRedis();
  const log = createRecordedLogger();
  const { logger } = log;
  const store = createTestJobStore(redis, { maxSaidBytes: 64 * 1024 * 1024 });
  let eventsRead = 0;
  const eventLog: JobEventLog = {
    ...store.events,
    read: async (id, after, limit) => {
      if (options.readDelayMs !== undefined) await delay(options.readDelayMs);
      const page = await store.events.read(id, after, limit);
      eventsRead += page.length;
      return page;
    },
  };
  const listening = createRedisClient({ url: redis.url, logger });
  const hub = createJobEvents({
    log: eventLog,
    news: createJobNews({ redis: listening, keys: redis.keys, logger }),
    logger,
    lookEveryMs: options.lookEveryMs ?? 600_000,
  });
  const streams = createOpenStreams({ maxStreams: 2_000, maxStreamsPerOwner: 2_000 });
  const upgrades = createUpgrades();
  const webSockets = createWebSockets({
    find: createFindJob({ intake: store.intake, seesAll: isAdmin }),
    events: hub,
    log: eventLog,
    logger,
    clock: systemClock,
    limits: { ...defaultSocketLimits, ...options.limits },
    streams,
  });
  const { goodUntilMs } = options;
  const app = createApp({
    routes: createWebSocketRoutes({ webSockets, upgrades }),
    verifyToken: async () =>
      Promise.resolve({ ...owner, ...(goodUntilMs === undefined ? {} : { goodUntilMs }) }),
    bodyLimitBytes: 1_024,
    logger,
    observe: () => undefined,
  });
  const server = createHttpServer({
    name: 'test-server',
    app,
    host: '127.0.0.1',
    port: 0,
    logger,
    onDrain: () => {
      webSockets.release();
      hub.release();
    },
    upgrade: { takes: isForWebSocket, handle: (req, upgrade) => upgrades.answer(app, req, upgrade) },
  });
  await hub.start();
  await server.start();
  return {
    redis,
    store,
    hub,
    streams,
    webSockets,
    server,
    log,
    eventsRead: () => eventsRead,
    open: async (clientOptions = {}) =>
      openSocket(`ws://127.0.0.1:${server.port()}/v1/ws`, {
        headers: { authorization: 'Bearer ann' },
        ...clientOptions,
      }),
    close: async () => {
      await server.stop(AbortSignal.timeout(2_000));
      await hub.stop(AbortSignal.timeout(2_000));
      await redis.close();
    },
  };
};

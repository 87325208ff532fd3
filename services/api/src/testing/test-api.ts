/** A whole api beside the test that uses it, on free ports, with Redis and RabbitMQ of its own, and hands to drive it. */
import { mintToken, type TokenToMint } from '@factorial/core/auth/mint-token';
import { loadConfig } from '@factorial/core/config/load-config';
import { startServices, stopServices } from '@factorial/core/lifecycle/run-services';
import { createRecordedLogger, type RecordedLogger } from '@factorial/core/testing/recorded-logger';
import { createTestRabbit, type TestRabbit } from '@factorial/core/testing/test-rabbit';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { configSchema } from '../config.ts';
import { createApi, type Api } from '../create-api.ts';

const clientSecret = 'the-key-of-clients-in-the-tests!';
const internalSecret = 'the-key-of-workers-in-the-tests!';
const issuer = 'factorial';

export interface Answer {
  status: number;
  headers: Headers;
  /** The body as JSON where it is that, else as text. */
  body: unknown;
  text: string;
}

export interface AskOptions {
  method?: string;
  token?: string | undefined;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  raw?: string | Uint8Array<ArrayBuffer>;
}

export type Ask = (path: string, options?: AskOptions) => Promise<Answer>;

export interface TestApi {
  api: Api;
  log: RecordedLogger;
  redis: TestRedis;
  rabbit: TestRabbit;
  publicUrl: string;
  internalUrl: string;
  /** As the client `ann` with all client scopes, unless a token is given. */
  ask: Ask;
  /** As a worker and scaler, unless a token is given. */
  askInternal: Ask;
  clientToken: (subject: string, ...scopes: string[]) => Promise<string>;
  /** One that ends so soon, or has. */
  clientTokenFor: (lifetimeSeconds: number, subject: string, ...scopes: string[]) => Promise<string>;
  internalToken: (...scopes: string[]) => Promise<string>;
  /** Stops the services and leaves the brokers as they are. */
  stop: (deadline?: AbortSignal) => Promise<void>;
  close: () => Promise<void>;
}

const parse = (text: string, contentType: string): unknown =>
  /json/.test(contentType) && text !== '' ? (JSON.parse(text) as unknown) : text;

const createAsk =
  (baseUrl: string, defaultToken: string): Ask =>
  async (path, { method, token = defaultToken, headers = {}, json, raw } = {}) => {
    const body = json === undefined ? raw : JSON.stringify(json);
    const response = await fetch(baseUrl + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, headers: response.headers, text, body: parse(text, type) };
  };

const mint = async (
  key: string,
  token: Pick<TokenToMint, 'subject' | 'audience' | 'scopes'>,
  lifetimeSeconds = 600,
): Promise<string> => mintToken(key, { ...token, issuer, nowMs: Date.now(), lifetimeSeconds });

export interface TestApiOptions {
  env?: Readonly<Record<string, string>>;
  redisUrl?: string;
  amqpUrl?: string;
  /** Waits for it; false where a test wants to see it not ready. */
  untilReady?: boolean;
}

export const startTestApi = async (options: TestApiOptions = {}): Promise<TestApi> => {
  const log = createRecordedLogger();
  const [redis, rabbit] = await Promise.all([createTestRedis(), createTestRabbit()]);
  const config = loadConfig(configSchema, {
    HOST: '127.0.0.1',
    PORT: '0',
    INTERNAL_HOST: '127.0.0.1',
    INTERNAL_PORT: '0',
    OPS_HOST: '127.0.0.1',
    OPS_PORT: '0',
    REDIS_URL: options.redisUrl ?? redis.url,
    REDIS_TAG: redis.tag,
    AMQP_URL: options.amqpUrl ?? rabbit.amqpUrl,
    JWT_SECRET: clientSecret,
    INTERNAL_JWT_SECRET: internalSecret,
    ...options.env,
  });
  const api = await createApi(config, log.logger);
  await startServices(api.services);
  const publicUrl = `http://127.0.0.1:${api.publicServer.port()}`;
  const internalUrl = `http://127.0.0.1:${api.internalServer.port()}`;
  const clientToken = async (subject: string, ...scopes: string[]) =>
    mint(clientSecret, { subject, audience: 'factorial', scopes });
  const clientTokenFor = async (lifetimeSeconds: number, subject: string, ...scopes: string[]) =>
    mint(clientSecret, { subject, audience: 'factorial', scopes }, lifetimeSeconds);
  const internalToken = async (...scopes: string[]) =>
    mint(internalSecret, { subject: 'w', audience: 'factorial-internal', scopes });
  const stop = async (deadline: AbortSignal = AbortSignal.timeout(5_000)): Promise<void> => {
    const failed = await stopServices(api.services, deadline);
    if (failed !== undefined) throw failed;
  };
  if (options.untilReady ?? true) {
    await waitUntil(async () => (await fetch(`${api.ops.address().url}/readyz`)).ok, {
      what: 'the api is ready',
    });
  }
  return {
    api,
    log,
    redis,
    rabbit,
    publicUrl,
    internalUrl,
    ask: createAsk(publicUrl, await clientToken('ann', 'jobs:read', 'jobs:write')),
    askInternal: createAsk(internalUrl, await internalToken('worker', 'scaler')),
    clientToken,
    clientTokenFor,
    internalToken,
    stop,
    close: async () => {
      await stop();
      await redis.close();
      await rabbit.close();
    },
  };
};

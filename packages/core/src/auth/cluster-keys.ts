/**
 * The keys that the cluster signs its service accounts' tokens with, read from the API server and kept fresh. Keys that were read
 * once serve on while the API server is away; a request waits for it only where its token names a key that is not known.
 */
import { z } from 'zod';
import { AppError } from '../errors/app-error.ts';
import { toError } from '../errors/to-error.ts';
import type { KubernetesClient } from '../kubernetes/kubernetes-client.ts';
import type { Service } from '../lifecycle/service.ts';
import { sleep } from '../lifecycle/sleep.ts';
import { within } from '../lifecycle/within.ts';
import type { Logger } from '../ops/logger.ts';
import { systemClock, type Clock } from '../time/clock.ts';
import { fittingKeys, type TokenHeader, type TokenKeys, type TrustedKeys } from './token-keys.ts';
import { keysOfCluster } from './verification-keys.ts';

export interface ClusterKeysDeps {
  client: Pick<KubernetesClient, 'request'>;
  logger: Logger;
  /** Told of each reading. */
  onRead?: (outcome: 'ok' | 'failed') => void;
  clock?: Clock;
  /** Keys are read anew after this time. */
  maxAgeMs?: number;
  /** Pause after a reading that failed, once there are keys; while there are none it is a tenth of this. */
  retryMs?: number;
  /** Tokens with unknown keys make us read at most this often. */
  minPauseMs?: number;
  /** Longest that a request waits for a reading. */
  waitMs?: number;
}

export interface ClusterKeys extends TokenKeys, Service {
  /** Whether there are keys, however old. */
  isReady(): boolean;
  /** Since the keys were read; undefined while there are none. */
  ageMs(): number | undefined;
  /** Reads the keys now; one reading serves all who ask meanwhile. Never rejects. */
  refresh(): Promise<void>;
}

const issuerPath = '/.well-known/openid-configuration';
const keysPath = '/openid/v1/jwks';
const discoverySchema = z.object({ issuer: z.string().min(1) });
const retryAfterSeconds = 2;

const unavailable = (): AppError =>
  new AppError('identity-unavailable', "The cluster's keys cannot be read now.", { retryAfterSeconds });

/** @throws Error that says in a few words what kept us from it. */
const readObject = async (client: ClusterKeysDeps['client'], path: string): Promise<unknown> => {
  const answer = await client.request({ method: 'GET', path });
  if (answer.ok) return answer.body;
  throw new Error(`${path}: ${answer.kind} ${answer.reason}`);
};

const readKeys = async (client: ClusterKeysDeps['client']): Promise<TrustedKeys> => {
  const [discovery, jwks] = await Promise.all([readObject(client, issuerPath), readObject(client, keysPath)]);
  return { issuer: discoverySchema.parse(discovery).issuer, keys: await keysOfCluster(jwks) };
};

export const createClusterKeys = (deps: ClusterKeysDeps): ClusterKeys => {
  const { client, logger, onRead, clock = systemClock } = deps;
  const { maxAgeMs = 300_000, retryMs = 10_000, minPauseMs = 10_000, waitMs = 2_000 } = deps;
  const stopping = new AbortController();
  let trusted: TrustedKeys | undefined;
  let readAtMs = 0;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let isFailing = false;
  let reading: Promise<void> | undefined;
  let keeping: Promise<void> | undefined;

  const noteSuccess = (found: TrustedKeys): void => {
    if (trusted === undefined || isFailing) {
      logger.info({ issuer: found.issuer, keys: found.keys.length }, 'cluster keys read');
    }
    trusted = found;
    readAtMs = clock.now();
    isFailing = false;
    onRead?.('ok');
  };

  const noteFailure = (thrown: unknown): void => {
    // Once per outage.
    if (!isFailing && !stopping.signal.aborted) {
      logger.warn({ err: toError(thrown), hasOldKeys: trusted !== undefined }, 'cluster keys cannot be read');
    }
    isFailing = true;
    onRead?.('failed');
  };

  const refresh = async (): Promise<void> => {
    triedAtMs = clock.now();
    reading ??= readKeys(client)
      .then(noteSuccess, noteFailure)
      .finally(() => {
        reading = undefined;
      });
    await reading;
  };

  const isKnown = ({ kid }: TokenHeader): boolean =>
    trusted !== undefined && (kid === undefined || trusted.keys.some((key) => key.kid === kid));

  /** Waits for a reading that is under way, or begins one unless the last was a moment ago. */
  const lookOnce = async (): Promise<void> => {
    if (reading === undefined && clock.now() - triedAtMs < minPauseMs) return;
    await within(reading ?? refresh(), waitMs, 'reading the keys').catch(() => undefined);
  };

  const pauseMs = (): number => {
    if (trusted === undefined) return retryMs / 10;
    return isFailing ? retryMs : maxAgeMs;
  };

  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await refresh();
      await sleep(pauseMs(), stopping.signal);
    }
  };

  return {
    name: 'cluster-keys',
    refresh,
    isReady: () => trusted !== undefined,
    ageMs: () => (trusted === undefined ? undefined : clock.now() - readAtMs),
    candidates: async (header) => {
      if (!isKnown(header)) await lookOnce();
      if (trusted === undefined) throw unavailable();
      // An unknown key while the API server is away: it may be a new one of the cluster's.
      if (!isKnown(header) && isFailing) throw unavailable();
      return { issuer: trusted.issuer, keys: fittingKeys(trusted.keys, header), maxAgeMs };
    },
    // The first reading is not waited for: that there are keys is a matter of readiness.
    start: async () => {
      keeping = keep();
      await Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await keeping;
    },
  };
};

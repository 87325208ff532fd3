/** Tells the api every second that this worker lives and what it does, and hands on what the answer asks for. */
import type { Heartbeat, HeartbeatAnswer } from '@factorial/core/internal/protocol';
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import type { InternalClient } from './internal-client.ts';

export interface HeartbeatDeps {
  client: Pick<InternalClient, 'beat' | 'leave'>;
  state: () => Heartbeat;
  onAnswer: (answer: HeartbeatAnswer) => void;
  /** Told when the api cannot be reached, and stays away for some beats; the next answer is the end of that. */
  onSilence: () => void;
  logger: Logger;
  everyMs?: number;
}

export interface HeartbeatService extends Service {
  /** One beat. Never rejects. */
  runOnce: () => Promise<void>;
}

/** A restart of the api is over by then. 5 s where its connections are refused, 15 s where they hang. */
const silentBeats = 5;

export const createHeartbeat = (deps: HeartbeatDeps): HeartbeatService => {
  const { logger, everyMs = 1_000 } = deps;
  const stopping = new AbortController();
  let beating: Promise<void> | undefined;
  /** In a row. */
  let failures = 0;

  const noteFailure = (err: unknown): void => {
    failures += 1;
    // Once per outage: a beat a second would fill the log.
    if (failures === 1) logger.warn({ err }, 'heartbeat failed');
    if (failures === silentBeats) deps.onSilence();
  };

  const runOnce = async (): Promise<void> => {
    try {
      const answer = await deps.client.beat(deps.state());
      if (failures > 0) logger.info('heartbeat works again');
      failures = 0;
      deps.onAnswer(answer);
    } catch (thrown) {
      noteFailure(thrown);
    }
  };

  const beat = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await runOnce();
      await sleep(everyMs, stopping.signal);
    }
  };

  return {
    name: 'heartbeat',
    runOnce,
    start: async () => {
      beating = beat();
      await Promise.resolve();
    },
    stop: async () => {
      if (!beating) return;
      stopping.abort();
      await beating;
      beating = undefined;
      // So that nobody counts on a worker that is gone; a beat that stays away tells the same, later.
      await deps.client
        .leave(deps.state().pool)
        .catch((err: unknown) => logger.debug({ err }, 'goodbye failed'));
    },
  };
};

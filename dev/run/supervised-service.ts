/** Keeps one program running: starts it again, later and later, when it ends unasked, and says so. */
import { once } from 'node:events';
import { toError } from '@factorial/core/errors/to-error';
import type { Service } from '@factorial/core/lifecycle/service';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { retryDelayMs } from '@factorial/core/time/backoff';

export interface Running {
  /** Resolves with the reason when it has ended. */
  exited: Promise<string>;
  /** In good order; has a deadline of its own. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export interface SupervisedDeps {
  name: string;
  /** Resolves when it is ready. When it throws, at the signal's abort for example, nothing of it runs. */
  launch: (signal: AbortSignal) => Promise<Running>;
  say: (line: string) => void;
  now: () => number;
  random: () => number;
}

/** One that lived this long has started well: its end says nothing about the next start. */
const provenMs = 30_000;
const backoff = { baseMs: 1_000, ceilingMs: 30_000 };

const whenAborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};

/** The first start has to work; after it, every end is followed by another start until `stop`. */
export const createSupervisedService = (deps: SupervisedDeps): Service => {
  const { name, launch, say, now, random } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Running | undefined;
  let watching: Promise<void> = Promise.resolve();

  /** @returns why it ended; resolves at a stop only when it is stopped. */
  const lifeOf = async (life: Promise<Running>): Promise<string> => {
    try {
      running = await life;
      await Promise.race([running.exited, whenAborted(signal)]);
      if (signal.aborted) await running.stop();
      return await running.exited;
    } catch (thrown) {
      return toError(thrown).message;
    }
  };

  const pause = async (reason: string, failures: number): Promise<void> => {
    const delayMs = retryDelayMs(failures, 0.5 + random() / 2, backoff);
    say(`${name} ended: ${reason}. Starting it again in ${(delayMs / 1_000).toFixed(1)} s.`);
    await sleep(delayMs, signal);
  };

  const watch = async (first: Promise<Running>): Promise<void> => {
    let failures = 0;
    for (let life = first; ; life = launch(signal)) {
      const began = now();
      const reason = await lifeOf(life);
      failures = now() - began > provenMs ? 1 : failures + 1;
      if (!signal.aborted) await pause(reason, failures);
      if (signal.aborted) return;
    }
  };

  return {
    name,
    start: async () => {
      if (signal.aborted) throw new Error(`${name} was stopped before it started`);
      const first = launch(signal);
      watching = first.then(
        async () => watch(first),
        () => undefined,
      );
      await first;
    },
    stop: async (deadline) => {
      const kill = (): void => void running?.kill();
      deadline.addEventListener('abort', kill, { once: true });
      stopping.abort();
      if (deadline.aborted) kill();
      await watching;
      deadline.removeEventListener('abort', kill);
    },
  };
};

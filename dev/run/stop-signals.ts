/** Turns the first Ctrl-C, SIGTERM or SIGHUP into a stop in good order, and the second into the end. */

export interface StopSignals {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Resolves at the first signal. */
  readonly asked: Promise<void>;
}

export interface StopSignalsDeps {
  /** At a second signal: ends this process with all it started. */
  endAtOnce: () => void;
  now: () => number;
}

/** npm passes on a Ctrl-C that the terminal has sent to us as well: that is one, not two. */
const sameKeyPressMs = 300;

export const listenForStop = ({ endAtOnce, now }: StopSignalsDeps): StopSignals => {
  const controller = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  let firstAt: number | undefined;
  const onSignal = (): void => {
    if (firstAt !== undefined && now() - firstAt > sameKeyPressMs) endAtOnce();
    if (firstAt !== undefined) return;
    firstAt = now();
    controller.abort();
    resolve();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return { signal: controller.signal, asked };
};

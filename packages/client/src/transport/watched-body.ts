/** Reads a body piece by piece, and gives up a connection on which nothing comes any more. */
import { FactorialError } from '../errors.ts';
import { unreachable } from './call.ts';

export interface WatchedBodyOptions {
  /** Longest silence between two pieces, ms. */
  idleMs: number;
  signal: AbortSignal | undefined;
}

const silent = (url: string, idleMs: number): FactorialError =>
  new FactorialError(`${url}: nothing came for ${idleMs / 1_000} s`, { code: 'timeout', status: 0 });

/**
 * Ends with the body; leaving the loop closes the connection.
 * @throws FactorialError `timeout` or `unreachable`; the signal's reason.
 */
export async function* watchedBody(
  { body, url }: Response,
  { idleMs, signal }: WatchedBodyOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === null) return;
  const reader = body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasSilent = false;
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      wasSilent = true;
      void reader.cancel().catch(() => undefined);
    }, idleMs);
  };
  try {
    for (;;) {
      watch();
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (wasSilent) throw silent(url, idleMs);
      if (done) return;
      yield value;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof FactorialError ? error : unreachable(url, error);
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => undefined);
  }
}

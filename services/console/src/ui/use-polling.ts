/** Does something again and again: the next time a while after it has ended, and not while nobody looks. */
import { useEffect } from 'preact/hooks';
import { pause } from '../api/pause.ts';

/**
 * @param work has to end, and not to throw. It is done at once: at the beginning, when it or the pause is another, and when
 * the page comes to the front again.
 */
export const usePolling = (work: (signal: AbortSignal) => Promise<void>, everyMs: number): void => {
  useEffect(() => {
    const ending = new AbortController();
    let waking = new AbortController();
    const wake = (): void => {
      if (!document.hidden) waking.abort();
    };
    const run = async (): Promise<void> => {
      while (!ending.signal.aborted) {
        if (!document.hidden) await work(ending.signal);
        waking = new AbortController();
        await pause(everyMs, AbortSignal.any([ending.signal, waking.signal]));
      }
    };
    document.addEventListener('visibilitychange', wake);
    void run();
    return () => {
      document.removeEventListener('visibilitychange', wake);
      ending.abort();
    };
  }, [work, everyMs]);
};

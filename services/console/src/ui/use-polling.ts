/** Does something again and again: the next time a while after it has ended, and not while nobody looks. */
import { useEffect } from 'preact/hooks';
import { pause } from '../api/pause.ts';
import { useLatest } from './use-latest.ts';

/** @param work has to end, and not to throw; it begins when the page is shown, and at once when it comes to the front again. */
export const usePolling = (work: (signal: AbortSignal) => Promise<void>, everyMs: number): void => {
  const latest = useLatest(work);
  useEffect(() => {
    const ending = new AbortController();
    let waking = new AbortController();
    const wake = (): void => {
      if (!document.hidden) waking.abort();
    };
    const run = async (): Promise<void> => {
      while (!ending.signal.aborted) {
        if (!document.hidden) await latest.current(ending.signal);
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
  }, [everyMs, latest]);
};

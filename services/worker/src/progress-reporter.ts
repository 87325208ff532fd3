/** Tells the api how far the running jobs are: the newest word of each, at most twice a second. */
import type { AttemptRef, ProgressUpdate } from '@factorial/core/internal/protocol';
import type { Logger } from '@factorial/core/ops/logger';
import type { InternalClient } from './internal-client.ts';

export interface ProgressReporterDeps {
  client: Pick<InternalClient, 'progress'>;
  logger: Logger;
  everyMs?: number;
}

export interface ProgressReporter {
  note: (ref: AttemptRef, value: number, message: string) => void;
  /** The job has ended: what was not yet told is of no interest any more. */
  forget: (ref: AttemptRef) => void;
  close: () => void;
}

const maxUpdates = 256;

const between0And1 = (value: number): number =>
  Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;

export const createProgressReporter = (deps: ProgressReporterDeps): ProgressReporter => {
  const newest = new Map<string, ProgressUpdate>();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    const updates = [...newest.values()].slice(0, maxUpdates);
    for (const { id } of updates) newest.delete(id);
    if (newest.size > 0) schedule();
    if (updates.length === 0) return;
    // The next word replaces a lost one.
    deps.client
      .progress(updates)
      .catch((err: unknown) => deps.logger.debug({ err }, 'progress was not told'));
  };

  const schedule = (): void => {
    timer ??= setTimeout(flush, deps.everyMs ?? 500);
  };

  return {
    note: (ref, value, message) => {
      newest.set(ref.id, { ...ref, value: between0And1(value), message: message.slice(0, 500) });
      schedule();
    },
    forget: ({ id }) => {
      newest.delete(id);
    },
    close: () => clearTimeout(timer),
  };
};

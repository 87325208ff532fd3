/** Tells the api how far the running jobs are and what they log and stream: the news of all, at most twice a second. */
import {
  type AttemptRef,
  mostSaid,
  mostSaidAtOnce,
  type ProgressUpdate,
} from '@factorial/core/internal/protocol';
import type { Logger } from '@factorial/core/ops/logger';
import type { InternalClient } from './internal-client.ts';
import { RefusedError } from './internal-http.ts';

export interface RunReporterDeps {
  client: Pick<InternalClient, 'progress'>;
  logger: Logger;
  everyMs?: number;
}

export interface RunReporter {
  /** @param value 0 to 1. */
  progress: (ref: AttemptRef, value: number, message: string) => void;
  /** Whole lines, each with its line break. */
  log: (ref: AttemptRef, text: string) => void;
  output: (ref: AttemptRef, text: string) => void;
  /**
   * The run has ended: tells what it said last, which after the outcome would be too late. How far it was is of no interest
   * any more. Resolves when that is told, or could not be; never rejects.
   */
  finish: (ref: AttemptRef) => Promise<void>;
  close: () => void;
}

/** What one run has to say. */
interface Run {
  ref: AttemptRef;
  value: number;
  message: string;
  isNews: boolean;
  log: string;
  output: string;
  /** Bytes of both that the api has. */
  told: number;
  /** What the api has not answered yet. It may have it all the same, and knows it by its place: it is said again as it was. */
  unanswered?: ProgressUpdate | undefined;
}

/** Texts of so many runs go into one request that it stays well under what the api takes. */
const maxUpdates = 64;
const lastTries = 2;

const between0And1 = (value: number): number =>
  Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;

/** As much as goes at once; a pair of surrogates is not torn. */
const headOf = (text: string): string => {
  const head = text.slice(0, mostSaidAtOnce);
  return head.length < text.length && /[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head;
};

const updateOf = ({ ref, value, message, told, log, output }: Run): ProgressUpdate => ({
  ...ref,
  value,
  message,
  before: told,
  log: headOf(log),
  output: headOf(output),
});

const nextOf = (run: Run): ProgressUpdate => (run.unanswered ??= updateOf(run));

const hasText = ({ log, output }: Run): boolean => log !== '' || output !== '';

/** The api has it, or will never take it. */
const noteTold = (run: Run, { value, message, log, output }: ProgressUpdate): void => {
  run.log = run.log.slice(log.length);
  run.output = run.output.slice(output.length);
  run.told += Buffer.byteLength(log) + Buffer.byteLength(output);
  run.isNews = hasText(run) || run.value !== value || run.message !== message;
  run.unanswered = undefined;
};

export const createRunReporter = (deps: RunReporterDeps): RunReporter => {
  const runs = new Map<string, Run>();
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let isClosed = false;

  const keyOf = ({ id, attempt }: AttemptRef): string => `${id} ${attempt}`;
  const runOf = (ref: AttemptRef): Run => {
    const run = runs.get(keyOf(ref)) ?? {
      ref,
      value: 0,
      message: '',
      isNews: false,
      log: '',
      output: '',
      told: 0,
    };
    runs.set(keyOf(ref), run);
    return run;
  };

  const send = async (news: readonly Run[]): Promise<void> => {
    const updates = news.map(nextOf);
    try {
      await deps.client.progress(updates);
    } catch (err) {
      deps.logger.debug({ err }, 'progress was not told');
      if (!(err instanceof RefusedError)) return;
    }
    news.forEach((run, index) => {
      const update = updates[index];
      if (update) noteTold(run, update);
    });
  };

  /** One request at a time: what was said first is told first. */
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (sending) return sending;
    const news = [...runs.values()].filter(({ isNews }) => isNews).slice(0, maxUpdates);
    if (news.length === 0) return undefined;
    sending = send(news).finally(() => {
      sending = undefined;
      if ([...runs.values()].some(({ isNews }) => isNews)) schedule();
    });
    return sending;
  };

  const schedule = (): void => {
    if (isClosed) return;
    timer ??= setTimeout(() => void flush(), deps.everyMs ?? 500);
  };

  const say = (ref: AttemptRef, kind: 'log' | 'output', text: string): void => {
    const run = runOf(ref);
    // The api keeps so much of an attempt, and says that there was more.
    if (text === '' || run.told + run.log.length + run.output.length > mostSaid) return;
    run[kind] += text.slice(0, mostSaid);
    run.isNews = true;
    schedule();
  };

  return {
    progress: (ref, value, message) => {
      Object.assign(runOf(ref), { value: between0And1(value), message: message.slice(0, 500), isNews: true });
      schedule();
    },
    log: (ref, text) => say(ref, 'log', text),
    output: (ref, text) => say(ref, 'output', text),
    finish: async (ref) => {
      const run = runs.get(keyOf(ref));
      if (!run) return;
      for (let failures = 0; hasText(run) && failures < lastTries;) {
        const before = run.told;
        // A request that is under way may have left without the last words.
        await sending;
        await flush();
        if (run.told === before) failures += 1;
      }
      runs.delete(keyOf(ref));
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
};

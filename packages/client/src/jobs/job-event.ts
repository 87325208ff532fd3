/** What a job tells while it lives, and how it is read from the stream. */
import { FactorialError } from '../errors.ts';
import type { ServerSentEvent } from '../transport/server-sent-events.ts';

/** With every event: the attempt it belongs to (0 before the first start) and when it was, RFC 3339. */
interface Told {
  attempt: number;
  at: string;
}

interface JobEventData {
  queued: Told & {
    reason: 'accepted' | 'retried' | 'failed' | 'released' | 'worker-lost';
    error?: { code: string; message: string };
    /** It starts no sooner. */
    notBefore?: string;
  };
  started: Told;
  progress: Told & {
    /** 0 to 1. */
    value: number;
    message: string;
  };
  /** One or more whole lines. `truncated`: no more is kept of this attempt. */
  log: Told & { text: string; truncated?: true };
  /** A piece of the output, in order; a new attempt begins anew. */
  output: Told & { text: string; truncated?: true };
  done: Told & { outputBytes: number; outputMediaType: string };
  failed: Told & { error: { code: string; message: string; retryable: boolean } };
  cancelled: Told;
}

export type JobEventType = keyof JobEventData;

export type JobEvent = {
  [Type in JobEventType]: {
    /** For coming back: the stream goes on after it. */
    id: string;
    type: Type;
    data: JobEventData[Type];
  };
}[JobEventType];

const types: ReadonlySet<string> = new Set<JobEventType>([
  'queued',
  'started',
  'progress',
  'log',
  'output',
  'done',
  'failed',
  'cancelled',
]);

const isKnown = (type: string): type is JobEventType => types.has(type);

/** After it nothing comes, unless the job is retried. */
export const isFinalEvent = ({ type }: JobEvent): boolean =>
  type === 'done' || type === 'failed' || type === 'cancelled';

/**
 * @returns undefined for a type that this client does not know: a newer server's.
 * @throws FactorialError `unexpected-answer` for what is no event of ours.
 */
export const toJobEvent = ({ id, event, data }: ServerSentEvent): JobEvent | undefined => {
  if (!isKnown(event)) return undefined;
  try {
    return { id, type: event, data: JSON.parse(data) };
  } catch (cause) {
    const fields = { code: 'unexpected-answer', status: 200, cause } as const;
    throw new FactorialError(`the stream holds an event that cannot be read: ${data.slice(0, 100)}`, fields);
  }
};

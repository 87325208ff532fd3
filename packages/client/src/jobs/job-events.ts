/** Follows a job's events over as many connections as it takes: nothing is missed, nothing comes twice. */
import { FactorialError } from '../errors.ts';
import { type Call, isPassing } from '../transport/call.ts';
import { pause, retryDelayMs } from '../transport/pause.ts';
import { serverSentEvents } from '../transport/server-sent-events.ts';
import { watchedBody } from '../transport/watched-body.ts';
import { isFinalEvent, type JobEvent, toJobEvent } from './job-event.ts';
import { idOf, type JobRef, jobPath } from './job-ref.ts';
import type { RequestOptions } from './read-jobs.ts';

export interface EventsOptions extends RequestOptions {
  /** Id of an event: only what came after it. Default: from the job's first event. */
  after?: string | undefined;
}

export interface EventsDeps {
  call: Call;
  /** Connections in a row that may break before anything came. */
  retries: number;
  random: () => number;
}

/** The server says something every 15 s. */
const idleMs = 45_000;
/** Ids that are remembered: as many as the server keeps, so that one sent again is known. */
const remembered = 1_000;

const connect = async (
  { call }: EventsDeps,
  job: JobRef,
  { after, signal }: EventsOptions,
): Promise<Response> => {
  const headers = {
    accept: 'text/event-stream',
    ...(after === undefined ? {} : { 'last-event-id': after }),
  };
  const response = await call({ path: `${jobPath(job)}/events`, headers, signal }, async (answer) => answer);
  const type = response.headers.get('content-type') ?? '';
  if (response.status === 204 || type.startsWith('text/event-stream')) return response;
  await response.body?.cancel();
  throw new FactorialError(
    `${response.url} answered with ${type || 'no type'} in place of a stream of events`,
    {
      code: 'unexpected-answer',
      status: response.status,
    },
  );
};

/** Remembers the newest ids alone. @returns whether this one is new. */
const createNews = (): ((id: string) => boolean) => {
  const seen = new Set<string>();
  return (id) => {
    if (seen.has(id)) return false;
    seen.add(id);
    const [oldest] = seen;
    if (seen.size > remembered && oldest !== undefined) seen.delete(oldest);
    return true;
  };
};

/** Of one connection, those that this client knows. */
async function* eventsOf(
  response: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobEvent, void, undefined> {
  for await (const message of serverSentEvents(watchedBody(response, { idleMs, signal }))) {
    const event = toJobEvent(message);
    if (event !== undefined) yield event;
  }
}

/** A connection that breaks is nothing to speak of; what the server refuses is, and so is what `call` has given up. */
const isBreak = (error: unknown, { retries }: EventsDeps): boolean =>
  error instanceof FactorialError && isPassing(error) && error.tries <= retries;

const endless = (job: JobRef): FactorialError =>
  new FactorialError(`the stream of events of ${idOf(job)} ends again and again before the job does`, {
    code: 'unreachable',
    status: 0,
  });

/** Ends after the final event. @throws FactorialError; the signal's reason. */
export async function* jobEvents(
  deps: EventsDeps,
  job: JobRef,
  { after, signal }: EventsOptions = {},
): AsyncGenerator<JobEvent, void, undefined> {
  const isNew = createNews();
  let last = after;
  for (let barren = 1; ; barren += 1) {
    let isOver = false;
    try {
      const response = await connect(deps, job, { after: last, signal });
      if (response.status === 204) return;
      for await (const event of eventsOf(response, signal)) {
        barren = 0;
        last = event.id;
        isOver = isFinalEvent(event);
        if (isNew(event.id)) yield event;
      }
    } catch (error) {
      if (!isBreak(error, deps) || barren > deps.retries) throw error;
    }
    if (isOver) return;
    if (barren > deps.retries) throw endless(job);
    await pause(retryDelayMs(Math.max(1, barren), deps.random(), undefined), signal);
  }
}

/** Follows one job's events by SSE, over broken connections, until its final event. Read with fetch: EventSource can send no token. */
import { ApiError } from './api-error.ts';
import { isFinalEvent, type JobEvent, parseJobEvent } from './job-events.ts';
import { pause } from './pause.ts';
import { reconnectDelayMs } from './reconnect-delay.ts';
import type { Request } from './request.ts';
import { createSseParser, type ServerSentEvent } from './sse-parser.ts';

/** `ended`: the job is final. `away`: it will be tried again. `refused`: there is no such job, or no such stream. */
export type StreamState = 'connecting' | 'live' | 'away' | 'ended' | 'refused';

export interface FollowJobInput {
  id: string;
  /** The event after which to go on; from the first one that is kept where undefined. */
  after: string | undefined;
  onEvent: (event: JobEvent, eventId: string) => void;
  onState: (state: StreamState) => void;
  signal: AbortSignal;
}

export interface FollowJobDeps {
  request: Request;
  random: () => number;
}

/** Three times what lies between two comments of the server: then the connection is dead, whatever the browser thinks of it. */
const silentMs = 45_000;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Throws when nothing has come for too long. */
const readPiece = async (reader: ReadableStreamDefaultReader<string>): Promise<string | undefined> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream is silent')), silentMs);
  });
  try {
    const { done, value } = await Promise.race([reader.read(), silence]);
    return done ? undefined : value;
  } finally {
    clearTimeout(timer);
  }
};

async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerSentEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const parse = createSseParser();
  try {
    for (let piece = await readPiece(reader); piece !== undefined; piece = await readPiece(reader)) {
      yield* parse(piece);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof ApiError && thrown.status >= 400 && thrown.status < 500 && thrown.status !== 429;

/** Resolves when the job is final, the stream is refused, or the signal is aborted. */
export const followJob = async ({ request, random }: FollowJobDeps, input: FollowJobInput): Promise<void> => {
  const { id, onEvent, onState, signal } = input;
  let after = input.after;
  let failures = 0;

  /** @returns whether the job is final. */
  const readOnce = async (): Promise<boolean> => {
    const headers = {
      accept: 'text/event-stream',
      ...(after === undefined ? {} : { 'last-event-id': after }),
    };
    const path = `/v1/jobs/${encodeURIComponent(id)}/events`;
    const answer = await request(path, { headers, signal, timeoutMs: Infinity });
    if (answer.status === 204 || !answer.body) return true;
    onState('live');
    let isFinal = false;
    for await (const { type, data, id: eventId } of eventsOf(answer.body)) {
      failures = 0;
      after = eventId;
      const event = parseJobEvent(type, jsonOf(data));
      if (event === undefined) continue;
      onEvent(event, eventId);
      // A job that was retried has lived on after a final event; the server ends the stream after the last one.
      isFinal = isFinalEvent(event);
    }
    return isFinal;
  };

  const tryOnce = async (): Promise<StreamState> => {
    try {
      return (await readOnce()) ? 'ended' : 'away';
    } catch (thrown) {
      return isRefusal(thrown) ? 'refused' : 'away';
    }
  };

  onState('connecting');
  while (!signal.aborted) {
    const state = await tryOnce();
    if (signal.aborted) return;
    onState(state);
    if (state !== 'away') return;
    failures += 1;
    await pause(reconnectDelayMs(failures, random), signal);
  }
};

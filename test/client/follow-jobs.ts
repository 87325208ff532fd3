/** Follows jobs as a client does, by SSE or WebSocket: to their ends, and after a break from where it was, at another api. */
import { setTimeout as delay } from 'node:timers/promises';
import { toError } from '@factorial/core/errors/to-error';
import { Agent, request, WebSocket } from 'undici';
import { z } from 'zod';
import { isTold, note, type ToldJobs } from './told-events.ts';

export interface FollowTarget {
  /** Apis; the first that answers is stayed with until it breaks. */
  urls: readonly string[];
  token: string;
  dispatcher: Agent;
  /** Nobody follows any longer. */
  signal: AbortSignal;
}

export interface Follower {
  told: ToldJobs;
  /** Resolves when it is told of every job's end. */
  done: Promise<void>;
  /** Why connections broke off, or could not be made. */
  breaks: readonly string[];
}

/** One connection each, with no time limit: the test has one. */
export const createStreamAgent = (): Agent =>
  new Agent({ bodyTimeout: 0, headersTimeout: 20_000, pipelining: 1 });

const pauseMs = 200;

/** What a connection has come to: all was told, or why it broke off. */
type End = 'done' | { broke: string };

/** @param connect resolves when its connection has ended. */
const follow = (target: FollowTarget, told: ToldJobs, connect: (url: string) => Promise<End>): Follower => {
  const breaks: string[] = [];
  const untilDone = async (): Promise<void> => {
    while (!target.signal.aborted) {
      const url = target.urls[breaks.length % target.urls.length] ?? '';
      const end = await connect(url).catch((error: unknown): End => ({ broke: toError(error).message }));
      if (end === 'done') return;
      breaks.push(end.broke);
      await delay(pauseMs);
    }
  };
  return { told, done: untilDone(), breaks };
};

const fieldOf = (frame: string, name: string): string =>
  new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1] ?? '';

const lastIdOf = (told: ToldJobs, job: string): string | undefined => {
  const id = told.get(job)?.at(-1)?.id;
  return id === undefined ? undefined : `${id}.${job.slice(0, 8)}`;
};

export const followBySse = (target: FollowTarget, job: string): Follower => {
  const told: ToldJobs = new Map([[job, []]]);
  return follow(target, told, async (url) => {
    const last = lastIdOf(told, job);
    const { statusCode, body } = await request(`${url}/v1/jobs/${job}/events`, {
      dispatcher: target.dispatcher,
      headers: {
        authorization: `Bearer ${target.token}`,
        ...(last === undefined ? {} : { 'last-event-id': last }),
      },
    });
    if (statusCode === 204) return 'done';
    if (statusCode !== 200) return { broke: `${statusCode} ${await body.text()}` };
    let rest = '';
    for await (const chunk of body.setEncoding('utf8')) {
      const frames = `${rest}${String(chunk)}`.split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const event = fieldOf(frame, 'event');
        if (event !== '') note(told, job, { eventId: fieldOf(frame, 'id'), event });
      }
    }
    return isTold(told, job) ? 'done' : { broke: 'ended' };
  });
};

const frameSchema = z.union([
  z.object({ job: z.string(), id: z.string(), event: z.string() }),
  z.object({ error: z.looseObject({ code: z.string() }) }),
  z.object({ subscribed: z.array(z.string()) }),
]);

export const followByWebSocket = (target: FollowTarget, jobs: readonly string[]): Follower => {
  const told: ToldJobs = new Map(jobs.map((job) => [job, []]));
  const open = (): string[] => jobs.filter((job) => !isTold(told, job));
  return follow(target, told, async (url) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, {
      dispatcher: target.dispatcher,
      headers: { authorization: `Bearer ${target.token}` },
    });
    const { promise, resolve } = Promise.withResolvers<End>();
    socket.addEventListener('open', () => {
      const subscribe = open().map((id) => ({ id, after: lastIdOf(told, id) }));
      socket.send(JSON.stringify({ subscribe }));
    });
    socket.addEventListener('message', ({ data }) => {
      const frame = frameSchema.parse(JSON.parse(String(data)));
      if ('error' in frame) {
        resolve({ broke: frame.error.code });
        socket.close();
      }
      if (!('event' in frame)) return;
      note(told, frame.job, { eventId: frame.id, event: frame.event });
      if (open().length === 0) socket.close();
    });
    // Behind each `error`, too.
    socket.addEventListener('close', ({ code }) =>
      resolve(open().length === 0 ? 'done' : { broke: `closed with ${code}` }),
    );
    return promise;
  });
};

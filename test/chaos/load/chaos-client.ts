/** A client who does not give up: it repeats what was not answered, with the same key, and insists on what it was promised. */
import { createHash } from 'node:crypto';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { z } from 'zod';
import { type Ask, createHttpAsker } from './http-asker.ts';
import type { Journal, SeenFinal } from './journal.ts';
import type { PlannedJob } from './plan-jobs.ts';

export interface ChaosClientDeps {
  apiUrl: string;
  token: string;
  journal: Journal;
  /** When it gives up all the same. */
  signal: AbortSignal;
}

export interface ChaosClient {
  /** Undefined when it was given up; `expired`: it was taken, has ended, and its time is over, while its answers got lost. */
  submit(job: PlannedJob): Promise<{ id: string } | 'expired' | undefined>;
  /** Waits for the end. @returns undefined when it was given up. */
  follow(id: string): Promise<SeenFinal | undefined>;
  /** Until it is taken, or comes too late. */
  cancel(id: string): Promise<void>;
  /** How the job looks now; undefined while it is not final, or when nobody tells. */
  look(id: string): Promise<SeenFinal | undefined>;
}

interface Reply {
  /** 0: none. */
  status: number;
  body: Buffer;
  retryAfterMs: number;
}

/** Longer than the longest half-open network would be; a long poll is shorter. */
const requestMs = 15_000;
const longPollSeconds = 8;
const retryMs = 300;
const longestRetryMs = 1_000;

const viewSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  output: z.unknown().optional(),
  error: z.looseObject({ code: z.string() }).optional(),
});
const finalStates = new Set(['done', 'failed', 'cancelled']);
const expiredStatus = 410;
/** No answer; the request took too long on its way (the server's own word for a network that hangs); too many. */
const askAgain = new Set([0, 408, 429]);

const shaOf = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

type Wish = Partial<Pick<Ask, 'method' | 'headers' | 'body'>>;

const none: Reply = { status: 0, body: Buffer.alloc(0), retryAfterMs: retryMs };

export const createChaosClient = ({ apiUrl, token, journal, signal }: ChaosClientDeps): ChaosClient => {
  const send = createHttpAsker(apiUrl);

  const ask = async (path: string, { headers = {}, ...rest }: Wish = {}): Promise<Reply> => {
    const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(requestMs)]);
    try {
      const { status, retryAfterSeconds, body } = await send(path, { ...rest, headers: all, signal: limit });
      if (status === 503 && retryAfterSeconds === 0) journal.complain(`503 without Retry-After: ${path}`);
      return { status, body, retryAfterMs: Math.min(longestRetryMs, retryAfterSeconds * 1_000 || retryMs) };
    } catch {
      return none;
    }
  };

  /** Until somebody says something that is not "later". */
  const insist = async (path: string, init: Wish, onReply?: (reply: Reply) => void): Promise<Reply> => {
    while (!signal.aborted) {
      const reply = await ask(path, init);
      onReply?.(reply);
      const isLater = askAgain.has(reply.status) || reply.status >= 500;
      if (!isLater) return reply;
      if (reply.status >= 500 && reply.status !== 503) journal.complain(`${reply.status} of ${path}`);
      await sleep(reply.retryAfterMs, signal);
    }
    return none;
  };

  /** What a done job's final look comes to with its output: its time may be over between the two answers. */
  const withOutput = async (id: string, final: SeenFinal): Promise<SeenFinal> => {
    const { status, body } = await insist(`/v1/jobs/${id}/output`, {});
    if (status === expiredStatus) return { status: 'expired', bodySha: final.bodySha };
    return status === 200 ? { ...final, outputSha: shaOf(body) } : final;
  };

  /** `expired` where only a tombstone is left. */
  const read = async (id: string, reply: Reply): Promise<SeenFinal | undefined> => {
    const bodySha = shaOf(reply.body);
    if (reply.status === expiredStatus) return { status: 'expired', bodySha };
    if (reply.status !== 200) {
      if (reply.status !== 0) journal.complain(`${reply.status} for the accepted job ${id}`);
      return undefined;
    }
    const view = viewSchema.parse(JSON.parse(reply.body.toString()));
    if (!finalStates.has(view.status)) return undefined;
    const final = { status: view.status, errorCode: view.error?.code, bodySha };
    return view.status === 'done' ? withOutput(id, final) : final;
  };

  return {
    submit: async ({ key, body }) => {
      const init = {
        method: 'POST',
        headers: { 'idempotency-key': key },
        body: JSON.stringify({ task: 'chaos', ...body }),
      };
      const reply = await insist('/v1/jobs', init, ({ status }) => journal.answered(status));
      if (reply.status === 202 || reply.status === 200)
        return { id: viewSchema.parse(JSON.parse(reply.body.toString())).id };
      if (reply.status === expiredStatus) return 'expired';
      if (reply.status !== 0) journal.complain(`${reply.status} for a submission: ${reply.body.toString()}`);
      return undefined;
    },
    follow: async (id) => {
      while (!signal.aborted) {
        const reply = await insist(`/v1/jobs/${id}`, { headers: { prefer: `wait=${longPollSeconds}` } });
        const final = await read(id, reply);
        if (final) return final;
        if (reply.status !== 200) await sleep(retryMs, signal);
      }
      return undefined;
    },
    cancel: async (id) => {
      const { status } = await insist(`/v1/jobs/${id}/cancel`, { method: 'POST', body: '{}' });
      if (![0, 200, 409].includes(status)) journal.complain(`${status} for a cancel of ${id}`);
    },
    look: async (id) => read(id, await insist(`/v1/jobs/${id}`, {})),
  };
};

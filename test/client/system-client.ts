/** Speaks HTTP to a system under test as a client would, and insists on answers. */
import { randomUUID } from 'node:crypto';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { z } from 'zod';

const jobSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  attempt: z.number(),
  output: z.unknown().optional(),
  error: z.looseObject({ code: z.string() }).optional(),
});
export type JobView = z.output<typeof jobSchema>;

/** Where the system answers, and a token of a client. */
export interface ClientTarget {
  apiUrl: string;
  token: string;
}

/** A task's input, or `n` of the built-in factorial. */
type Work = { n: number } | { task: string; input: unknown };

export type Submission = Work & {
  key?: string;
  wait?: number;
  labels?: Record<string, string>;
};

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

const finalStates = new Set(['done', 'failed', 'cancelled']);

export const createSystemClient = (target: ClientTarget, token = target.token) => {
  /** One request; every request has a deadline, so that a hang fails a test. */
  const call = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${token}`);
    const signal = AbortSignal.timeout(70_000);
    const answer = await fetch(`${target.apiUrl}${path}`, { ...init, headers, signal });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };

  const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  const submit = async ({ key = randomUUID(), wait, labels, ...work }: Submission): Promise<Answer> =>
    post(
      '/v1/jobs',
      {
        ...('n' in work ? { task: 'factorial', input: { n: work.n } } : work),
        ...(labels === undefined ? {} : { labels }),
      },
      { 'idempotency-key': key, ...(wait === undefined ? {} : { prefer: `wait=${wait}` }) },
    );

  const parseJob = (answer: Answer): JobView => jobSchema.parse(JSON.parse(answer.text));

  const job = async (id: string): Promise<JobView> => parseJob(await call(`/v1/jobs/${id}`));

  return {
    call,
    post,
    submit,
    parseJob,
    job,
    /** Submits and insists on being accepted. */
    accepted: async (submission: Submission): Promise<string> => {
      const answer = await submit(submission);
      if (answer.status !== 202 && answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
      return parseJob(answer).id;
    },
    waitForStatus: async (id: string, status: string, timeoutMs = 30_000): Promise<JobView> => {
      let last: JobView | undefined;
      await waitUntil(
        async () => {
          last = await job(id).catch(() => undefined);
          return last?.status === status;
        },
        { timeoutMs, what: `${id} is ${status}` },
      );
      return last ?? job(id);
    },
    waitUntilFinal: async (id: string, timeoutMs = 60_000): Promise<JobView> => {
      let last: JobView | undefined;
      await waitUntil(
        async () => {
          last = await job(id).catch(() => undefined);
          return finalStates.has(last?.status ?? '');
        },
        { timeoutMs, what: `${id} is final` },
      );
      return last ?? job(id);
    },
  };
};

export type SystemClient = ReturnType<typeof createSystemClient>;

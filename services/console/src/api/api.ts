/** The api's routes that the console uses, one function each. */
import { createReadJson, createRequest, type RequestDeps } from './request.ts';
import {
  type DeadLetterPage,
  deadLetterPageSchema,
  deliveriesSchema,
  type Delivery,
  type Job,
  type JobPage,
  jobPageSchema,
  jobSchema,
  type Pool,
  type PoolHistory,
  poolHistorySchema,
  type priorities,
  purgeSchema,
  queueSchema,
  type Redriven,
  redriveSchema,
  type Task,
  taskListSchema,
  ticketSchema,
} from './schemas.ts';

export interface Submission {
  task: string;
  input: unknown;
  priority: (typeof priorities)[number];
  labels: Readonly<Record<string, string>>;
}

export interface JobQuery {
  status?: string | undefined;
  task?: string | undefined;
  pageToken?: string | undefined;
  pageSize: number;
}

/** Some by their ids, or all, of one pool where it is named. */
export type LetterChoice = { ids: readonly string[] } | { all: true; pool?: string };

const pathOf = (id: string): string => `/v1/jobs/${encodeURIComponent(id)}`;

const queryOf = (parameters: Readonly<Record<string, string | number | undefined>>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
};

/** Redriving and purging many takes its time. */
const longTimeoutMs = 60_000;
const downloadTimeoutMs = 600_000;

export const createApi = (deps: RequestDeps) => {
  const request = createRequest(deps);
  const read = createReadJson(request);
  const post = { method: 'POST' } as const;

  return {
    request,

    tasks: async (signal?: AbortSignal): Promise<Task[]> =>
      (await read(taskListSchema, '/v1/tasks', { signal })).tasks,

    jobs: async (query: JobQuery, signal?: AbortSignal): Promise<JobPage> =>
      read(jobPageSchema, `/v1/jobs${queryOf({ ...query })}`, { signal }),
    job: async (id: string, signal?: AbortSignal): Promise<Job> => read(jobSchema, pathOf(id), { signal }),
    /** @param key the same for each try of one submission: it is accepted once. */
    submit: async (submission: Submission, key: string): Promise<Job> =>
      read(jobSchema, '/v1/jobs', { ...post, body: submission, headers: { 'idempotency-key': key } }),
    cancel: async (id: string): Promise<Job> => read(jobSchema, `${pathOf(id)}/cancel`, post),
    retry: async (id: string): Promise<Job> => read(jobSchema, `${pathOf(id)}/retry`, post),
    remove: async (id: string): Promise<void> => {
      await request(pathOf(id), { method: 'DELETE' });
    },

    output: async (id: string): Promise<Blob> =>
      (await request(`${pathOf(id)}/output`, { timeoutMs: downloadTimeoutMs })).blob(),
    /** Its beginning. */
    outputHead: async (id: string, bytes: number): Promise<Blob> =>
      (await request(`${pathOf(id)}/output`, { headers: { range: `bytes=0-${bytes - 1}` } })).blob(),
    deliveries: async (id: string, signal?: AbortSignal): Promise<Delivery[]> =>
      (await read(deliveriesSchema, `${pathOf(id)}/webhooks`, { signal })).deliveries,

    replayDelivery: async (id: string, deliveryId: string): Promise<void> => {
      await request(`${pathOf(id)}/webhooks/${encodeURIComponent(deliveryId)}/replay`, post);
    },

    queue: async (signal?: AbortSignal): Promise<Pool[]> =>
      (await read(queueSchema, '/v1/queue', { signal })).pools,
    history: async (pool: string, minutes: number, signal?: AbortSignal): Promise<PoolHistory> =>
      read(poolHistorySchema, `/v1/pools/${encodeURIComponent(pool)}/history${queryOf({ minutes })}`, {
        signal,
      }),
    setPaused: async (pool: string, paused: boolean): Promise<void> => {
      await request(`/v1/pools/${encodeURIComponent(pool)}/${paused ? 'pause' : 'resume'}`, post);
    },

    deadLetters: async (pageToken: string | undefined, signal?: AbortSignal): Promise<DeadLetterPage> =>
      read(deadLetterPageSchema, `/v1/dead-letters${queryOf({ pageToken })}`, { signal }),
    redrive: async (body: LetterChoice): Promise<Redriven> =>
      read(redriveSchema, '/v1/dead-letters/redrive', { ...post, body, timeoutMs: longTimeoutMs }),
    purge: async (body: LetterChoice): Promise<number> =>
      (await read(purgeSchema, '/v1/dead-letters/purge', { ...post, body, timeoutMs: longTimeoutMs })).purged,

    /** Opens one stream, within 30 s. */
    streamTicket: async (): Promise<string> => (await read(ticketSchema, '/v1/stream-tickets', post)).ticket,
  };
};

export type Api = ReturnType<typeof createApi>;

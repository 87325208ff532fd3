/** Reads a queue's length from RabbitMQ's management API. */
import { z } from 'zod';
import { unknown, type Reading } from './reading.ts';
import type { RequestJson } from '../request-json.ts';

const count = z.number().int().nonnegative();

/** States in which the counts are old or partial: the queue has lost its leader or its majority. */
const brokenStates = new Set(['down', 'stopped', 'crashed', 'terminated', 'minority']);

const queueSchema = z.object({
  messages_ready: count,
  messages_unacknowledged: count,
  state: z.string().optional(),
});

export interface QueueCounts {
  /** Messages no consumer holds. */
  ready: number;
  /** Messages held by consumers. */
  unacknowledged: number;
}

export interface QueueReadingDeps {
  requestJson: RequestJson;
  /** `http(s)://user:password@host:port`, maybe with a path before `/api`; one for each node of a cluster. */
  managementUrls: readonly string[];
  vhost: string;
  queue: string;
  timeoutMs: number;
  now: () => number;
}

export type ReadQueue = (signal: AbortSignal) => Promise<Reading<QueueCounts>>;

const basicAuthorization = ({ username, password }: URL): Record<string, string> => {
  if (!username) return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
};

/** The credentials leave the URL here: what is logged or thrown later cannot hold them. */
const addressOf = (managementUrl: string, vhost: string) => {
  const base = new URL(managementUrl);
  const headers = basicAuthorization(base);
  const folder = `${base.origin}${base.pathname.replace(/\/+$/, '')}`;
  return { headers, queues: `${folder}/api/queues/${encodeURIComponent(vhost)}` };
};

const totals = 'disable_stats=true&enable_queue_totals=true';

/**
 * With the query the totals are there from the queue's first moment and fresh; without it there are none for some 5 s after
 * a change (measured on 4.0.5). Older brokers (3.10) give totals in the list of queues only, up to 5 s old, and plainly 10 s
 * after the queue was made. A false 0 of such an age lets nobody go: the api's own count has to agree.
 */
const urlsFor = (queues: string, queue: string): readonly string[] => {
  const name = encodeURIComponent(queue);
  return [
    `${queues}/${name}?${totals}`,
    `${queues}?${totals}&page=1&page_size=100&use_regex=false&name=${name}`,
    `${queues}/${name}`,
  ];
};

const pageSchema = z.object({ items: z.array(z.object({ name: z.string() }).loose()) });

/** A page of queues whose names hold ours somewhere, or the queue itself. */
const pick = (body: unknown, queue: string): unknown => {
  const page = pageSchema.safeParse(body);
  return page.success ? page.data.items.find(({ name }) => name === queue) : body;
};

const parseCounts = (body: unknown, at: number): Reading<QueueCounts> => {
  const parsed = queueSchema.safeParse(body);
  if (!parsed.success) return unknown('no counts in the answer');
  const { messages_ready: ready, messages_unacknowledged: unacknowledged, state } = parsed.data;
  if (state !== undefined && brokenStates.has(state)) return unknown(`the queue is ${state}`);
  return { ok: true, value: { ready, unacknowledged }, at };
};

/** An answer without counts leads to the next URL; a refusal or a silence is the end. */
const createNodeReading = (deps: QueueReadingDeps, managementUrl: string): ReadQueue => {
  const { requestJson, queue, vhost, now } = deps;
  const { queues, headers } = addressOf(managementUrl, vhost);
  // A timer takes whole milliseconds, and throws at others.
  const timeoutMs = Math.max(1, Math.floor(deps.timeoutMs / deps.managementUrls.length));
  return async (stop) => {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
    let reading: Reading<QueueCounts> = unknown('not asked');
    for (const url of urlsFor(queues, queue)) {
      const answer = await requestJson({ url, headers, signal });
      if (!answer.ok) return unknown(answer.reason);
      reading = parseCounts(pick(answer.body, queue), now());
      if (reading.ok) return reading;
    }
    return reading;
  };
};

/** Asks the node that told last, and where it does not tell the next ones; they share the time limit. */
export const createQueueReading = (deps: QueueReadingDeps): ReadQueue => {
  const nodes = deps.managementUrls.map((url) => createNodeReading(deps, url));
  let preferred = 0;
  return async (stop) => {
    let reading: Reading<QueueCounts> = unknown('not asked');
    for (let tried = 0; tried < nodes.length; tried += 1) {
      const index = (preferred + tried) % nodes.length;
      reading = (await nodes[index]?.(stop)) ?? reading;
      if (!reading.ok) continue;
      preferred = index;
      return reading;
    }
    return reading;
  };
};

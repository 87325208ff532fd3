/** Reads what is known when everything has come to rest. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import { createChaosClient } from '../load/chaos-client.ts';
import type { Journal, SeenFinal } from '../load/journal.ts';
import type { Facts } from './ledger.ts';
import type { StoreView } from './store-view.ts';

export interface FactSources {
  journal: Journal;
  store: StoreView;
  target: {
    apiUrl: string;
    token: string;
    /** Messages in the pool's queue, ready or held. @throws when nobody tells. */
    messages(): Promise<number>;
  };
}

/** What a look at a job may take, eight being under way at a time. */
const lookMs = 50;
/** RabbitMQ counts every 5 s: a number may be of a moment ago, when a last hint was still on its way to a job that had ended. */
const countMs = 30_000;

const lookOnceMore = async ({ target, journal }: FactSources): Promise<Map<string, SeenFinal>> => {
  const { apiUrl, token } = target;
  const ids = journal.entries.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const signal = AbortSignal.timeout(60_000 + ids.length * lookMs);
  const client = createChaosClient({ apiUrl, token, journal, signal });
  const looks = new Map<string, SeenFinal>();
  const worker = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const look = await client.look(id);
      if (look) looks.set(id, look);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return looks;
};

/** What stays in the queue. -1: nobody tells. */
const countLeft = async ({ target }: FactSources): Promise<number> => {
  let left = -1;
  const isEmpty = async (): Promise<boolean> => {
    left = await target.messages().catch(() => -1);
    return left === 0;
  };
  await waitUntil(isEmpty, { what: 'the queue is empty', timeoutMs: countMs, pollMs: 500 }).catch(
    () => undefined,
  );
  return left;
};

export const readFacts = async (sources: FactSources): Promise<Omit<Facts, 'leftovers'>> => {
  const { store, journal } = sources;
  const lastLooks = await lookOnceMore(sources);
  const messages = await countLeft(sources);
  return {
    entries: journal.entries,
    lastLooks,
    complaints: journal.complaints,
    jobs: await store.jobs(),
    streams: await store.streams(),
    tombstones: await store.tombstones(),
    counted: await store.counted(),
    due: await store.due(),
    waiting: await store.waiting(),
    pending: await store.pending(),
    usedBytes: await store.usedBytes(),
    finished: await store.finished(),
    messages,
  };
};

import { setImmediate } from 'node:timers/promises';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { expect, it } from 'vitest';
import type { Entry } from '../load/journal.ts';
import { createRecoveryWatch } from './recovery.ts';
import type { StoredJob } from './store-view.ts';

const fault = { kind: 'kill', target: 'redis', atMs: 0, lastsMs: 0, amount: 0 };
const held: StoredJob = {
  id: 'held',
  status: 'processing',
  attempt: 1,
  worker: 'worker',
  bytes: 1,
  ttlMs: -1,
  lastEvent: 'started',
};

/** Submitted, accepted and seen final now. */
const ended = (): Entry => ({
  job: {
    key: 'key',
    kind: 'digest',
    body: { input: { do: 'digest', text: 'a', amount: 1 }, priority: 'normal' },
    ends: { done: 'right' },
  },
  sentAt: Date.now(),
  acceptedAt: Date.now(),
  finalAt: Date.now(),
});

const createRun = () => {
  const over = new AbortController();
  const entries: Entry[] = [];
  const records = new Map([[held.id, held]]);
  let looks = 0;
  const job = async (id: string): Promise<StoredJob | undefined> => {
    looks += 1;
    return Promise.resolve(records.get(id));
  };
  const processing = async () => Promise.resolve([held, { ...held, id: 'elsewhere', worker: 'other' }]);
  const store = { job, processing };
  const load = { isOver: false };
  const deps = { journal: { entries }, store, isLoadOver: () => load.isOver, signal: over.signal };
  const watch = createRecoveryWatch(deps);
  return { over, load, entries, records, watch, looks: () => looks };
};

it('takes a job that ended before the blow had fallen for no proof', async () => {
  const { over, entries, records, watch, looks } = createRun();
  records.set(held.id, { ...held, attempt: 2 });
  const blow = watch.expect(fault);
  await blow.willFall('worker');
  entries.push({ ...ended(), acceptedAt: Date.now() - 1, finalAt: Date.now() - 1 });
  blow.hasFallen();
  expect(looks()).toBe(1);
  // What it makes of that look.
  await setImmediate();
  over.abort();
  await watch.settled();
  expect(watch.recoveries).toEqual([{ fault }]);
});

it('does not count a blow that met nobody', async () => {
  const { watch } = createRun();
  await watch.expect(fault).willFall('worker');
  await watch.settled();
  expect(watch.recoveries).toEqual([]);
});

it('has recovered when a later job is done and what was held is in other hands', async () => {
  const { entries, records, watch, looks } = createRun();
  const blow = watch.expect(fault);
  await blow.willFall('worker');
  blow.hasFallen();
  blow.hasFallen();
  entries.push(ended());
  await waitUntil(() => looks() >= 2, { what: 'it has looked after that' });
  expect(watch.recoveries).toEqual([{ fault }]);
  records.set(held.id, { ...held, attempt: 2 });
  await watch.settled();
  expect(watch.recoveries[0]?.tookMs).toBeGreaterThan(0);
});

it('has recovered from a blow after the last job when all have ended', async () => {
  const { load, records, watch, looks } = createRun();
  records.set(held.id, { ...held, attempt: 2 });
  const blow = watch.expect(fault);
  await blow.willFall('worker');
  blow.hasFallen();
  await waitUntil(() => looks() >= 1, { what: 'it has looked' });
  await setImmediate();
  expect(watch.recoveries).toEqual([{ fault }]);
  load.isOver = true;
  await watch.settled();
  expect(watch.recoveries[0]?.tookMs).toBeGreaterThan(0);
});

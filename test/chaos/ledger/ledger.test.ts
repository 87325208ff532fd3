import { expect, it } from 'vitest';
import type { Entry, SeenFinal } from '../load/journal.ts';
import type { PlannedJob } from '../load/plan-jobs.ts';
import { type Facts, settleAccount } from './ledger.ts';
import type { StoredJob } from './store-view.ts';

const planned = (kind: PlannedJob['kind'] = 'digest'): PlannedJob => ({
  key: 'key',
  kind,
  body: { input: { do: 'digest', text: 'a', amount: 1 }, priority: 'normal' },
  ends: { done: 'right' },
});
const done: SeenFinal = { status: 'done', outputSha: 'right', bodySha: 'body' };
const entry = (more: Partial<Entry> = {}): Entry => ({
  job: planned(),
  sentAt: 1,
  id: 'a',
  acceptedAt: 2,
  final: done,
  finalAt: 3,
  ...more,
});
const stored = (more: Partial<StoredJob> = {}): StoredJob => ({
  id: 'a',
  status: 'done',
  attempt: 1,
  worker: 'w',
  bytes: 10,
  ttlMs: 1_000,
  lastEvent: 'done',
  ...more,
});

/** One job, done, and everything in order. */
const facts = (more: Partial<Facts> = {}): Facts => ({
  entries: [entry()],
  lastLooks: new Map([['a', done]]),
  complaints: [],
  jobs: [stored()],
  streams: 1,
  tombstones: 0,
  counted: { accepted: 1, claimed: 1, done: 1 },
  due: 0,
  waiting: 0,
  pending: 0,
  usedBytes: 10,
  finished: 1,
  messages: 0,
  leftovers: [],
  ...more,
});

/** What is not as it should be, by the names of the account. */
const faultsIn = (more: Partial<Facts>): string[] => {
  const { lost, double, changed, wrong, stuck, orphans, rerun } = settleAccount(facts(more));
  const found = { lost: lost.length, double, changed: changed.length, wrong: wrong.length, stuck, rerun };
  return Object.entries({ ...found, orphans: orphans.length }).flatMap(([name, count]) =>
    count === 0 ? [] : [name],
  );
};

it('finds nothing when all is as it should be', () => {
  expect(faultsIn({})).toEqual([]);
});

it.each<[string, Partial<Facts>, string[]]>([
  ['is known nowhere', { jobs: [], streams: 0, finished: 0, usedBytes: 0, counted: {} }, ['lost']],
  ['was ended twice', { counted: { done: 2 } }, ['double']],
  ['has another answer later', { lastLooks: new Map([['a', { ...done, bodySha: 'other' }]]) }, ['changed']],
  ['has another output later', { lastLooks: new Map([['a', { ...done, outputSha: 'no' }]]) }, ['changed']],
  [
    'was given another result',
    { entries: [entry({ final: { ...done, outputSha: 'no' } })], lastLooks: new Map() },
    ['wrong'],
  ],
  [
    'failed without a reason',
    { entries: [entry({ final: { status: 'failed', errorCode: 'x', bodySha: 'b' } })], lastLooks: new Map() },
    ['wrong'],
  ],
  ['ran twice', { jobs: [stored({ attempt: 2 })] }, ['rerun']],
  [
    'was asked for by nobody',
    { jobs: [stored(), stored({ id: 'b', bytes: 0 })], streams: 2, finished: 2, counted: { done: 2 } },
    ['orphans'],
  ],
  ['has a message left', { messages: 1 }, ['orphans']],
  ['is final and lives for ever', { jobs: [stored({ ttlMs: -1 })] }, ['orphans']],
  ['holds bytes that nobody counts', { usedBytes: 0 }, ['orphans']],
  ['has no event of its end', { jobs: [stored({ lastEvent: 'started' })] }, ['orphans']],
  ['has events and is no more', { streams: 2 }, ['orphans']],
  ['left a process', { leftovers: ['process 17 outlived the system'] }, ['orphans']],
])('finds a job that %s', (_name, more, found) => {
  expect(faultsIn(more)).toEqual(found);
});

it('finds a job stuck that never ends', () => {
  const unfinished = {
    entries: [{ job: planned(), sentAt: 1, id: 'a' }],
    lastLooks: new Map(),
    jobs: [stored({ status: 'processing', ttlMs: -1 })],
    due: 1,
    pending: 1,
    finished: 0,
    counted: {},
  };
  expect(faultsIn(unfinished)).toEqual(['stuck']);
});

it('takes a job whose time is over for neither lost nor changed', () => {
  const expired: SeenFinal = { status: 'expired', bodySha: 'gone' };
  const over = {
    jobs: [],
    streams: 0,
    tombstones: 1,
    finished: 0,
    usedBytes: 0,
    lastLooks: new Map([['a', expired]]),
  };
  expect(faultsIn(over)).toEqual([]);
});

it('says so when a job could not be looked at in the end', () => {
  expect(settleAccount(facts({ lastLooks: new Map() })).complaints).toHaveLength(1);
  expect(settleAccount(facts()).complaints).toEqual([]);
});

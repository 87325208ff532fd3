/** Does on a real Redis what a walk through the model does, and reads back what the model says must be there. */
import { randomUUID } from 'node:crypto';
import { assertNever } from '@factorial/core/errors/assert-never';
import type { Attempt } from '@factorial/core/jobs/job-store';
import {
  createTestJobStore,
  newJob,
  type TestJobStore,
  textOutput,
} from '../../packages/core/src/testing/test-job-store.ts';
import type { TestRedis } from '../../packages/core/src/testing/test-redis.ts';
import { at } from './at.ts';
import { type Answer, type Call, isEnded, isOpen, type ModelJob, type Ref } from './record.ts';
import type { Passed } from './steps.ts';
import type { Bounds } from './world.ts';

/** Nothing passes by itself while a walk is replayed. */
const longMs = 3_600_000;
const longTimes = {
  leaseMs: longMs,
  suspectMs: longMs,
  runGraceMs: longMs,
  firstLookMs: longMs,
  patienceMs: longMs,
};

export interface StoreReplay {
  /** @returns the word that the store answered, and what belongs to it, as the model puts it. */
  call: (call: Call, expected: Answer) => Promise<Record<string, unknown>>;
  pass: (passed: Passed) => Promise<void>;
  /** A job as it stands in Redis, in the model's terms. */
  read: (index: number) => Promise<Record<string, unknown>>;
  pending: () => Promise<number>;
  /** Leaves nothing for the next walk. */
  clear: () => Promise<void>;
}

/** Of a job in the model: what Redis can tell, too. Where a script never asks for something, it is left out. */
export const visible = (job: ModelJob): Record<string, unknown> => {
  if (job.status === 'none' || job.status === 'expired') return { status: job.status, due: 'no' };
  const { status, attempt, tries, publications, spent, delay, due, isWaiting, hasTtl, isFinished } = job;
  const isRunning = status === 'processing';
  return {
    status,
    attempt,
    tries,
    publications,
    spent,
    delay,
    due,
    isWaiting,
    hasTtl,
    isFinished,
    hasToken: job.token !== 0,
    leaseOut: isRunning && job.leaseOut,
    silent: isRunning && job.silent,
    queueOver: isOpen(job) && job.queueOver,
    runOver: isOpen(job) && job.token !== 0 && job.runOver,
    settledAttempt: job.settledAttempt,
    outOfMemory: job.outOfMemory,
    result: isEnded(job) ? job.result : '',
  };
};

export const visibleAnswer = ({ word, ref, publication, again, job }: Answer): Record<string, unknown> => ({
  word,
  ...(ref === undefined ? {} : { job: ref.job, attempt: ref.attempt }),
  ...(publication === undefined || word === 'OK' ? {} : { publication }),
  ...(again === undefined ? {} : { again }),
  ...(word === 'SAME' && job !== undefined ? { job } : {}),
});

const words: Record<string, string> = {
  accepted: 'OK',
  cancelled: 'OK',
  expired: 'OK',
  queued: 'OK',
  waiting: 'WAIT',
  'wrong-state': 'WRONG',
};

const wordOf = (kind: string): string => words[kind] ?? kind.toUpperCase();

/** The result as the model tells it: outputs are known by their hash, failures by code and message. */
const resultOf = (hash: string | undefined): string => {
  const [first = '', ...rest] = (hash ?? '').split(' ');
  if (first === 'hash') return rest.slice(1).join(' ');
  return /^(error|out-of-memory)$/.test(first) ? `${first} ${rest.join(' ')}` : first;
};

type Hash = Record<string, string>;

const countsOf = (record: Hash) => ({
  status: record['status'],
  attempt: Number(record['attempt']),
  tries: Number(record['tries']),
  publications: Number(record['publications']),
  spent: record['spent'] !== undefined,
  hasToken: record['token'] !== undefined,
  settledAttempt: Number(record['settledAttempt'] ?? 0),
  outOfMemory: Number(record['outOfMemory'] ?? 0),
  result: resultOf(record['resultHash']),
});

const timesOf = (record: Hash) => {
  const isRunning = record['status'] === 'processing';
  const isUnfinished = isRunning || record['status'] === 'queued';
  const passed = (field: string): boolean => Number(record[field]) <= Date.now();
  const set = passed('notBefore') ? 'over' : 'ahead';
  return {
    delay: record['notBefore'] === undefined ? 'none' : set,
    leaseOut: isRunning && passed('leaseUntil'),
    silent: isRunning && Number(record['beatAt']) <= Date.now() - longMs,
    queueOver: isUnfinished && passed('queueDeadline'),
    runOver: isUnfinished && record['token'] !== undefined && passed('runDeadline'),
  };
};

export const createStoreReplay = (testRedis: TestRedis, bounds: Bounds): StoreReplay => {
  const store: TestJobStore = createTestJobStore(testRedis, longTimes);
  const { redis, keys } = testRedis;
  const ids: string[] = Array.from({ length: bounds.jobs }, () => randomUUID());
  const attempts = new Map<string, Attempt>();
  const run = randomUUID();

  const idOf = (index: number): string => at(ids, index);
  const keyOf = ({ job, attempt, token }: Ref): string => `${job} ${attempt} ${token}`;

  const attemptOf = (ref: Ref): Attempt => {
    const attempt = attempts.get(keyOf(ref));
    if (!attempt) throw new Error(`nobody was given ${keyOf(ref)}`);
    return attempt;
  };

  const accept = async (client: number, index: number): Promise<Record<string, unknown>> => {
    const outcome = await store.intake.accept(
      newJob({
        id: idOf(index),
        owner: `owner ${client} of ${run}`,
        pool: `pool of ${run}`,
        priority: bounds.lastIsUrgent && index === bounds.jobs - 1 ? 'high' : 'normal',
        maxAttempts: bounds.maxAttempts,
        queueTimeoutMs: 2 * longMs,
        runTimeoutMs: longMs,
        idempotency: { key: 'key', fingerprint: 'fingerprint' },
      }),
    );
    const word = wordOf(outcome.kind);
    return outcome.kind === 'same' ? { word, job: ids.indexOf(outcome.id) } : { word };
  };

  const claim = async (call: Call & { script: 'claim' }, expected: Answer) => {
    const { worker, nonce, redelivered } = call;
    const answer = await store.leases.claim({
      id: idOf(call.job),
      pool: `pool of ${run}`,
      worker: `worker ${worker}`,
      nonce: `${run} ${nonce}`,
      redelivered,
    });
    const word = wordOf(answer.kind);
    if (answer.kind === 'busy') return { word, again: answer.retryAfterMs > 0 };
    if (answer.kind !== 'ok') return { word };
    const { id, attempt, token } = answer;
    if (expected.ref) {
      const known = attempts.get(keyOf(expected.ref));
      if (known && known.token !== token) throw new Error('a repeated claim was given another token');
      attempts.set(keyOf(expected.ref), { id, attempt, token });
    }
    return { word, job: ids.indexOf(id), attempt };
  };

  const reap = async (id: string, mayPublish: boolean) => {
    const outcome = await store.dueJobs.reap(id, mayPublish);
    const word = wordOf(outcome.kind);
    return outcome.kind === 'publish' ? { word, publication: outcome.publication.publication } : { word };
  };

  const answerTo = async (call: Exclude<Call, { script: 'accept' | 'claim' | 'reap' }>): Promise<string> => {
    switch (call.script) {
      case 'published':
        await store.dueJobs.published([{ id: idOf(call.job), publication: call.publication }]);
        return 'ok';
      case 'beat':
        return store.leases.beat(attemptOf(call.ref));
      case 'complete':
        return store.leases.complete(attemptOf(call.ref), textOutput(`done ${call.ref.attempt}`));
      case 'fail': {
        const error = { code: call.code, message: String(call.ref.attempt) };
        return store.leases.fail(attemptOf(call.ref), error, call.again ? longMs : undefined);
      }
      case 'release':
        return store.leases.release(attemptOf(call.ref));
      case 'settle':
        return store.leases.settle(idOf(call.job), { status: 'done', output: textOutput('settled') });
      case 'cancel':
        return (await store.intake.cancel(idOf(call.job))).kind;
      case 'retry':
        return (await store.intake.retry(idOf(call.job))).kind;
      case 'expire':
        return (await store.retention.expire(idOf(call.job), 'due')).kind;
      default:
        return assertNever(call);
    }
  };

  const dueOf = async (id: string): Promise<string> => {
    const score = await store.dueAt(id);
    if (score === undefined) return 'no';
    return score > Date.now() ? 'later' : 'now';
  };

  const read = async (index: number): Promise<Record<string, unknown>> => {
    const id = idOf(index);
    const [record, stone, due, rank, ttlMs, finished] = await Promise.all([
      redis.hgetall(keys.job(id)),
      redis.exists(keys.tombstone(id)),
      dueOf(id),
      store.intake.position(id, `pool of ${run}`),
      redis.pttl(keys.job(id)),
      redis.zscore(keys.finished, id),
    ]);
    if (record['status'] === undefined) return { status: stone === 1 ? 'expired' : 'none', due };
    const indexes = { due, isWaiting: rank !== undefined, hasTtl: ttlMs > 0, isFinished: finished !== null };
    return { ...indexes, ...countsOf(record), ...timesOf(record) };
  };

  const pass = async ({ what, job }: Passed): Promise<void> => {
    const id = idOf(job);
    const does: Record<Passed['what'], () => Promise<unknown>> = {
      lease: async () => Promise.all([store.expireLease(id), store.passed(id, 'beatAt')]),
      silence: async () => store.passed(id, 'beatAt'),
      look: async () => store.makeDue(id),
      delay: async () => Promise.all([store.passed(id, 'notBefore'), store.makeDue(id)]),
      'queue limit': async () => store.passed(id, 'queueDeadline'),
      'run limit': async () => store.passed(id, 'runDeadline'),
      retention: async () => store.finishedPast(id),
    };
    await does[what]();
  };

  return {
    call: async (call, expected) => {
      if (call.script === 'accept') return accept(call.client, call.job);
      if (call.script === 'claim') return claim(call, expected);
      if (call.script === 'reap') return reap(idOf(call.job), call.mayPublish);
      return { word: wordOf(await answerTo(call)) };
    },
    pass,
    read,
    pending: async () => {
      const counts = await redis.hgetall(keys.pending);
      return Object.values(counts).reduce((sum, count) => sum + Number(count), 0);
    },
    clear: async () => {
      for (const id of ids) {
        await store.intake.cancel(id);
        await store.retention.expire(id, 'now');
      }
    },
  };
};

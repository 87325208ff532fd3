/** Every script of the store as a function on the model's store. Each follows its file in core/jobs/scripts line by line. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { at } from './at.ts';
import { enqueue, failIfSpent, finish, type Scope } from './job-changes.ts';
import {
  type Answer,
  type Call,
  emptyJob,
  isEnded,
  isGone,
  type ModelJob,
  type OtherCall,
  type WorkerCall,
} from './record.ts';
import { runForWorker } from './scripts-of-workers.ts';

const accept = ({ store, rules }: Scope, client: number, id: number): Answer => {
  const first = at(store.keys, client);
  if (rules.idempotencyKey && first >= 0) return { word: 'SAME', job: first };
  const job = at(store.jobs, id);
  if (job.status !== 'none') return { word: 'OK', job: id };
  Object.assign(job, { status: 'queued', isWaiting: true, due: 'later', publications: 1 });
  job.hasTtl = !rules.ttlOnlyOnFinal;
  store.keys[client] = id;
  store.pending += 1;
  return { word: 'OK', job: id, publication: 1 };
};

const published = ({ store, rules }: Scope, id: number, publication: number): Answer => {
  const job = at(store.jobs, id);
  const waits =
    job.status === 'queued' && job.publications === publication && job.delay === 'none' && !job.spent;
  if (waits && job.due !== 'no') job.due = rules.publishedKeepsDue ? 'later' : 'no';
  return { word: 'OK' };
};

const orderToPublish = (job: ModelJob): Answer => {
  job.publications += 1;
  return { word: 'PUBLISH', publication: job.publications };
};

const putOff = (job: ModelJob): Answer => {
  job.due = 'later';
  return { word: 'WAIT' };
};

/** Whether it is too early: not due, or a lease that lasts. */
const mustWait = ({ rules }: Scope, job: ModelJob): boolean =>
  (job.due === 'later' && rules.reapAsksScore) ||
  (job.status === 'processing' && !job.leaseOut && rules.reapAsksLease);

const reap = (scope: Scope, id: number, mayPublish: boolean): Answer => {
  const job = at(scope.store.jobs, id);
  if (isGone(job) || (isEnded(job) && scope.rules.reapAsksFinal)) {
    job.due = 'no';
    return { word: 'DROP' };
  }
  if (mustWait(scope, job)) return putOff(job);
  if (failIfSpent(scope, job) !== '') return { word: 'FAILED' };
  const comesBack = job.status !== 'queued' || job.delay !== 'none';
  if (comesBack) enqueue(job, { isDelayed: false, look: 'later' });
  else if (!mayPublish && !job.spent) return putOff(job);
  job.spent = false;
  job.due = 'later';
  return orderToPublish(job);
};

const cancel = (scope: Scope, id: number): Answer => {
  const job = at(scope.store.jobs, id);
  if (isGone(job)) return { word: 'GONE' };
  if (isEnded(job) && scope.rules.cancelAsksFinal) return { word: 'FINAL' };
  finish(scope, job, { status: 'cancelled', result: '' });
  return { word: 'OK' };
};

const retry = ({ store, rules }: Scope, id: number): Answer => {
  const job = at(store.jobs, id);
  if (isGone(job)) return { word: 'GONE' };
  const isAllowed = job.status === 'failed' || job.status === 'cancelled';
  if (!isAllowed && (rules.retryAsksStatus || !isEnded(job))) return { word: 'WRONG' };
  job.hasTtl = false;
  job.isFinished = false;
  job.expiryOver = false;
  job.tries = 0;
  job.result = '';
  job.settledAttempt = 0;
  job.outOfMemory = 0;
  job.life += 1;
  job.commits = 0;
  enqueue(job, { isDelayed: false, look: 'later' });
  store.pending += 1;
  return { ...orderToPublish(job), word: 'OK' };
};

const expire = ({ store, rules }: Scope, id: number): Answer => {
  const job = at(store.jobs, id);
  if (isGone(job)) return { word: 'GONE' };
  if (!isEnded(job) && rules.expireAsksFinal) return { word: 'WRONG' };
  if (isEnded(job) && !job.expiryOver) return { word: 'WAIT' };
  const { isUrgent, attempt, life } = job;
  Object.assign(job, emptyJob(isUrgent), { status: 'expired', attempt, life });
  return { word: 'OK' };
};

const isOfWorker = (call: Call): call is WorkerCall =>
  'ref' in call || call.script === 'claim' || call.script === 'settle';

const runOther = (scope: Scope, call: OtherCall): Answer => {
  switch (call.script) {
    case 'accept':
      return accept(scope, call.client, call.job);
    case 'published':
      return published(scope, call.job, call.publication);
    case 'reap':
      return reap(scope, call.job, call.mayPublish);
    case 'cancel':
      return cancel(scope, call.job);
    case 'retry':
      return retry(scope, call.job);
    case 'expire':
      return expire(scope, call.job);
    default:
      return assertNever(call);
  }
};

/** Runs one script; changes `scope.store`. */
export const runScript = (scope: Scope, call: Call): Answer =>
  isOfWorker(call) ? runForWorker(scope, call) : runOther(scope, call);

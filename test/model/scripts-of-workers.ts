/** CLAIM, BEAT, COMPLETE, FAIL, RELEASE and SETTLE as functions on the model's store. Each follows its file in core/jobs/scripts line by line. */
import { assertNever } from '@factorial/core/errors/assert-never';
import { at } from './at.ts';
import { commit, enqueue, failIfSpent, finish, type Scope } from './job-changes.ts';
import { type Answer, holds, isEnded, isGone, type ModelJob, type WorkerCall } from './record.ts';

type CallOf<Script extends WorkerCall['script']> = WorkerCall & { script: Script };
type Claim = CallOf<'claim'>;

const grantedTo = (id: number, job: ModelJob): Answer => ({
  word: 'OK',
  ref: { job: id, attempt: job.attempt, token: job.token, life: job.life },
});

/** The answer to one who asks for a job that another one runs; undefined: it may be taken. */
const refusal = ({ rules, limits }: Scope, job: ModelJob, claim: Claim): Answer | undefined => {
  if (job.leaseOut || !rules.claimAsksLease) return undefined;
  if (!claim.redelivered) return { word: 'BUSY', again: false };
  if (!rules.claimAsksSilence) return undefined;
  if (!job.silent) return { word: 'BUSY', again: true };
  return job.tries >= limits.maxAttempts ? { word: 'BUSY', again: false } : undefined;
};

const beginLease = (job: ModelJob): void => {
  job.leaseOut = false;
  job.silent = false;
  job.runOver = false;
  job.due = 'later';
};

const give = ({ store, rules }: Scope, id: number, nonce: number): Answer => {
  const job = at(store.jobs, id);
  if (rules.claimRaisesFence || job.token === 0) {
    job.attempt += 1;
    store.tokens += 1;
    job.token = store.tokens;
  }
  job.tries += 1;
  job.status = 'processing';
  job.nonce = nonce;
  beginLease(job);
  job.spent = false;
  job.isWaiting = false;
  if (!rules.claimKeepsDue) job.due = 'no';
  return grantedTo(id, job);
};

/** The job that is more urgent than this one and waits, or this one. A delivery is leave to take one job. */
const mostUrgent = (scope: Scope, id: number, nonce: number): number => {
  const job = at(scope.store.jobs, id);
  const head = scope.store.jobs.findIndex((other) => other.isWaiting && other.isUrgent && !job.isUrgent);
  if (head < 0 || failIfSpent(scope, at(scope.store.jobs, head)) !== '') return id;
  job.swapNonce = nonce;
  job.swapJob = head;
  if (job.status === 'queued') {
    job.spent = true;
    job.due = 'now';
  }
  return head;
};

/** The answer where there is nothing to give, or nothing to give anew. */
const answerWithout = (scope: Scope, id: number, call: Claim): Answer | undefined => {
  const { rules } = scope;
  const job = at(scope.store.jobs, id);
  if (isGone(job)) return { word: 'GONE' };
  if (isEnded(job)) return { word: 'TERMINAL' };
  if (job.status === 'queued') return undefined;
  if (!rules.claimKnowsNonce || job.nonce !== call.nonce) return refusal(scope, job, call);
  if (rules.claimRenewsRepeat) beginLease(job);
  return grantedTo(id, job);
};

const claim = (scope: Scope, call: Claim): Answer => {
  const { store, rules } = scope;
  const delivered = at(store.jobs, call.job);
  const isRepeat = rules.claimKnowsSwap && delivered.swapNonce === call.nonce;
  const id = isRepeat ? delivered.swapJob : call.job;
  const job = at(store.jobs, id);
  const answer = answerWithout(scope, id, call);
  if (answer) return answer;
  if (rules.claimAsksDelay && job.delay === 'ahead') return { word: 'BUSY', again: false };
  if (failIfSpent(scope, job) !== '') return { word: 'TERMINAL' };
  return give(scope, mostUrgent(scope, id, call.nonce), call.nonce);
};

const beat = (scope: Scope, { ref }: CallOf<'beat'>): Answer => {
  const job = at(scope.store.jobs, ref.job);
  if (job.status === 'cancelled') return { word: 'CANCEL' };
  if (isGone(job) || isEnded(job)) return { word: 'LOST' };
  if (scope.rules.beatAsksHolder && !holds(job, ref)) return { word: 'LOST' };
  if (job.runOver) {
    finish(scope, job, { status: 'failed', result: 'run-timeout' });
    return { word: 'LOST' };
  }
  job.status = 'processing';
  job.leaseOut = false;
  job.silent = false;
  if (scope.rules.beatLeavesQueue) job.isWaiting = false;
  job.due = 'later';
  return { word: 'OK' };
};

const sameEnd = (job: ModelJob, attempt: number, result: string): Answer => ({
  word: job.result === result && job.attempt === attempt ? 'SAME' : 'STALE',
});

const complete = (scope: Scope, { ref }: CallOf<'complete'>): Answer => {
  const { rules, store } = scope;
  const job = at(store.jobs, ref.job);
  if (isGone(job)) return { word: 'GONE' };
  if (isEnded(job) && rules.completeAsksFinal) return sameEnd(job, ref.attempt, `done ${ref.attempt}`);
  if (rules.completeAsksHolder && !holds(job, ref)) return { word: 'STALE' };
  commit(scope, job);
  job.result = `done ${ref.attempt}`;
  return { word: 'OK' };
};

const fail = (scope: Scope, call: CallOf<'fail'>): Answer => {
  const { ref, code } = call;
  const job = at(scope.store.jobs, ref.job);
  const result = `${code} ${ref.attempt}`;
  if (isGone(job)) return { word: 'GONE' };
  if (isEnded(job)) return sameEnd(job, ref.attempt, result);
  if (job.settledAttempt === ref.attempt && job.attempt === ref.attempt) return { word: 'SAME' };
  if (scope.rules.failAsksHolder && !holds(job, ref)) return { word: 'STALE' };
  const isMemory = code === 'out-of-memory';
  const again = call.again && job.tries < scope.limits.maxAttempts && !(isMemory && job.outOfMemory > 0);
  if (isMemory) job.outOfMemory += 1;
  if (!again) {
    finish(scope, job, { status: 'failed', result });
    return { word: 'OK' };
  }
  job.settledAttempt = ref.attempt;
  job.token = 0;
  job.isWaiting = false;
  enqueue(job, { isDelayed: true, look: 'later' });
  return { word: 'OK' };
};

const release = (scope: Scope, { ref }: CallOf<'release'>): Answer => {
  const job = at(scope.store.jobs, ref.job);
  if (isGone(job)) return { word: 'GONE' };
  if (job.settledAttempt === ref.attempt && job.attempt === ref.attempt) return { word: 'SAME' };
  if (isEnded(job) || !holds(job, ref)) return { word: 'STALE' };
  job.settledAttempt = ref.attempt;
  job.tries = Math.max(0, job.tries - 1);
  job.token = 0;
  enqueue(job, { isDelayed: false, look: 'later' });
  return { word: 'OK' };
};

const settle = (scope: Scope, { job: id }: CallOf<'settle'>): Answer => {
  const job = at(scope.store.jobs, id);
  if (isGone(job)) return { word: 'GONE' };
  if (isEnded(job)) return { word: job.result === 'settled' ? 'SAME' : 'STALE' };
  if (job.status === 'processing' && !job.leaseOut) return { word: 'STALE' };
  job.attempt += 1;
  job.tries += 1;
  commit(scope, job);
  job.result = 'settled';
  return { word: 'OK' };
};

/** Runs a script that is asked for a worker. */
export const runForWorker = (scope: Scope, call: WorkerCall): Answer => {
  switch (call.script) {
    case 'claim':
      return claim(scope, call);
    case 'beat':
      return beat(scope, call);
    case 'complete':
      return complete(scope, call);
    case 'fail':
      return fail(scope, call);
    case 'release':
      return release(scope, call);
    case 'settle':
      return settle(scope, call);
    default:
      return assertNever(call);
  }
};

/** The account of a run: what was promised beside what came of it. */
import type { Entry, SeenFinal } from '../load/journal.ts';
import type { JobKind, RightEnds } from '../load/plan-jobs.ts';
import type { StoredJob } from './store-view.ts';
import { isFinalJob } from './store-view.ts';

/** What is known when everything has come to rest. */
export interface Facts {
  entries: readonly Entry[];
  /** How each job looked at the very end, by id; missing: nobody could tell. */
  lastLooks: ReadonlyMap<string, SeenFinal>;
  complaints: readonly string[];
  jobs: readonly StoredJob[];
  streams: number;
  tombstones: number;
  counted: Readonly<Record<string, number>>;
  due: number;
  waiting: number;
  pending: number;
  usedBytes: number;
  finished: number;
  /** Messages in the queue, delivered or not. */
  messages: number;
  /** What outlived the system or is not as it was, in words. */
  leftovers: readonly string[];
}

export interface Account {
  sent: number;
  accepted: number;
  /** Accepted, and neither final nor known any more. */
  lost: string[];
  /** Ends that were committed over and above one a job. */
  double: number;
  /** Final, and final otherwise later. */
  changed: string[];
  /** Ended as its input does not let it end. */
  wrong: string[];
  /** Not final when all had the time to be. */
  stuck: number;
  /** Jobs that nobody has asked for, messages and indexes without a job, processes without a master. */
  orphans: string[];
  /** Runs beyond those that the jobs themselves asked for; of jobs whose record is still there. */
  rerun: number;
  complaints: readonly string[];
}

const isAccepted = (entry: Entry): entry is Entry & { id: string } => entry.id !== undefined;

const isRight = (ends: RightEnds, { status, outputSha, errorCode }: SeenFinal): boolean => {
  switch (status) {
    case 'done':
      return ends.done !== undefined && ends.done === outputSha;
    case 'failed':
      return ends.failed !== undefined && ends.failed === errorCode;
    case 'cancelled':
      return ends.cancelled === true;
    // Its time is over, and a tombstone tells of it.
    case 'expired':
      return true;
    default:
      return false;
  }
};

const describe = ({ job, id, final }: Entry): string =>
  `${job.kind} ${id}: ${final?.status} ${final?.errorCode ?? ''}`;

/** Later it may be gone, its time being over; it may never be another. */
const hasChanged = (entry: Entry, last: SeenFinal | undefined): boolean =>
  entry.final !== undefined &&
  entry.final.status !== 'expired' &&
  last !== undefined &&
  last.status !== 'expired' &&
  (last.bodySha !== entry.final.bodySha || last.outputSha !== entry.final.outputSha);

const count = (facts: Facts, ...names: string[]): number =>
  names.reduce((sum, name) => sum + (facts.counted[name] ?? 0), 0);

const orphansOf = (facts: Facts): string[] => {
  const known = new Set(facts.entries.map(({ id }) => id));
  const bytes = facts.jobs.reduce((sum, job) => sum + job.bytes, 0);
  const final = facts.jobs.filter(isFinalJob).length;
  const checks: [boolean, string][] = [
    [facts.messages === 0, `${facts.messages} messages are left in the queue`],
    [facts.waiting === 0, `${facts.waiting} jobs are in line`],
    [facts.pending === facts.due, `owners have ${facts.pending} unfinished jobs, ${facts.due} are due`],
    [facts.usedBytes === bytes, `${facts.usedBytes} bytes are counted, ${bytes} are there`],
    [facts.finished === final, `${facts.finished} finished jobs are indexed, ${final} are there`],
    [facts.streams === facts.jobs.length, `${facts.streams} streams of events, ${facts.jobs.length} jobs`],
    [
      facts.jobs.every((job) => !isFinalJob(job) || job.lastEvent === job.status),
      'the last event of a final job is not its end',
    ],
    [
      facts.jobs.every((job) => isFinalJob(job) === job.ttlMs >= 0),
      'a time to live stands on an unfinished job, or none on a final one',
    ],
  ];
  return [
    ...facts.jobs.filter(({ id }) => !known.has(id)).map(({ id }) => `job ${id} was asked for by nobody`),
    ...checks.filter(([isWell]) => !isWell).map(([, what]) => what),
    ...facts.leftovers,
  ];
};

/** A job of these kinds asks for one more run. */
const retryingKinds = new Set<JobKind>(['flaky', 'crash', 'hog']);

const rerunsOf = (
  accepted: readonly (Entry & { id: string })[],
  stored: ReadonlyMap<string, StoredJob>,
): number => {
  const extra = accepted.map(({ id, job }) => {
    const asked = retryingKinds.has(job.kind) ? 2 : 1;
    return Math.max(0, (stored.get(id)?.attempt ?? 0) - asked);
  });
  return extra.reduce((sum, runs) => sum + runs, 0);
};

/** A gate that has not looked has seen no change. */
const unseen = (accepted: readonly { id: string }[], { lastLooks }: Facts): string[] => {
  const count = accepted.filter(({ id }) => !lastLooks.has(id)).length;
  return count === 0 ? [] : [`${count} jobs could not be looked at in the end`];
};

export const settleAccount = (facts: Facts): Account => {
  const accepted = facts.entries.filter(isAccepted);
  const stored = new Map(facts.jobs.map((job) => [job.id, job]));
  const isKnown = ({ id, final }: Entry & { id: string }): boolean =>
    stored.has(id) || final?.status === 'expired' || facts.lastLooks.get(id)?.status === 'expired';
  return {
    sent: facts.entries.length,
    accepted: accepted.length + facts.entries.filter(({ hasExpired }) => hasExpired).length,
    lost: accepted.filter((entry) => !isKnown(entry)).map(({ id }) => id),
    double:
      count(facts, 'done', 'failed', 'cancelled') - facts.jobs.filter(isFinalJob).length - facts.tombstones,
    changed: accepted.filter((entry) => hasChanged(entry, facts.lastLooks.get(entry.id))).map(describe),
    wrong: accepted.filter(({ job, final }) => final && !isRight(job.ends, final)).map(describe),
    stuck: Math.max(
      facts.due,
      accepted.filter((entry) => entry.final === undefined && isKnown(entry)).length,
    ),
    orphans: orphansOf(facts),
    rerun: rerunsOf(accepted, stored),
    complaints: [...facts.complaints, ...unseen(accepted, facts)],
  };
};

/** The system without one of its rules (or two that cover for each other): each has to break the invariant that the rule is there for. */
import type { Rules } from './rules.ts';
import { type Bounds, faultNames } from './world.ts';

export interface Variant {
  name: string;
  lacks: readonly (keyof Rules)[];
  /** The invariant that must be seen to fail; undefined: none does, the rule saves time alone. */
  breaks: string | undefined;
  bounds: Bounds;
}

export const oneJob: Bounds = {
  jobs: 1,
  lastIsUrgent: false,
  clients: 1,
  workers: 2,
  sweepers: 1,
  maxAttempts: 2,
  submissionsAgain: 1,
  faults: 1,
  kinds: faultNames,
  errors: 0,
  acts: 0,
  limits: 0,
  repeatsInTime: false,
};

const twoJobs: Bounds = {
  ...oneJob,
  jobs: 2,
  clients: 2,
  lastIsUrgent: true,
  workers: 1,
  submissionsAgain: 0,
};

interface Sketch {
  name: string;
  lacks: readonly (keyof Rules)[];
  breaks?: string;
  bounds?: Partial<Bounds>;
}

const sketches: readonly Sketch[] = [
  { name: 'no sweeper', lacks: ['sweep'], breaks: 'stuck' },
  { name: 'no sweeper, where nothing goes wrong', lacks: ['sweep'], bounds: { faults: 0 } },
  {
    name: 'no sweeper, and acknowledging on receipt',
    lacks: ['sweep', 'ackAfterOutcome'],
    breaks: 'stuck',
    bounds: { kinds: ['worker crash'], maxAttempts: 3 },
  },
  {
    name: 'no sweeper, and publishing before the record',
    lacks: ['sweep', 'recordFirst'],
    breaks: 'stuck',
    bounds: { faults: 0 },
  },
  { name: 'acknowledging on receipt', lacks: ['ackAfterOutcome'] },
  { name: 'publishing before the record', lacks: ['recordFirst'] },
  { name: '202 before the record', lacks: ['answerAfterRecord'], breaks: 'lost' },
  {
    name: 'no idempotency key',
    lacks: ['idempotencyKey'],
    breaks: 'one job',
    bounds: { jobs: 2, workers: 1 },
  },
  {
    name: 'Redis forgets what it has acknowledged',
    lacks: ['durable'],
    breaks: 'lost',
    bounds: { kinds: ['Redis away'], workers: 1 },
  },
  {
    name: 'Redis forgets what it has acknowledged',
    lacks: ['durable'],
    breaks: 'final',
    bounds: { kinds: ['Redis away'], workers: 1 },
  },
  {
    name: 'Redis forgets what it has acknowledged',
    lacks: ['durable'],
    breaks: 'attempt',
    bounds: { kinds: ['Redis away'], workers: 1 },
  },
  { name: 'sweepers at work right after an outage', lacks: ['pauseAfterOutage'], breaks: 'living' },
  { name: 'REAP without a look at the lease', lacks: ['reapAsksLease'] },
  { name: 'REAP without a look at the time', lacks: ['reapAsksScore'] },
  { name: 'REAP without either', lacks: ['reapAsksLease', 'reapAsksScore'], breaks: 'living' },
  { name: 'REAP without a look at the status', lacks: ['reapAsksFinal'], breaks: 'final' },
  { name: 'CLAIM without a look at the lease', lacks: ['claimAsksLease'], breaks: 'living' },
  { name: 'CLAIM takes from holders that beat', lacks: ['claimAsksSilence'], breaks: 'living' },
  {
    name: 'CLAIM before the retry is due',
    lacks: ['claimAsksDelay'],
    breaks: 'delay',
    bounds: { errors: 1 },
  },
  { name: 'CLAIM gives the old attempt and token', lacks: ['claimRaisesFence'], breaks: 'fence' },
  {
    name: 'CLAIM forgets its delivery',
    lacks: ['claimKnowsNonce'],
    breaks: 'unharmed',
    bounds: { kinds: ['lost answer'], maxAttempts: 1, repeatsInTime: true },
  },
  {
    name: 'CLAIM forgets that it gave another job',
    lacks: ['claimKnowsSwap'],
    breaks: 'unharmed',
    bounds: { ...twoJobs, kinds: ['lost answer'], maxAttempts: 1, repeatsInTime: true },
  },
  { name: 'a repeated CLAIM keeps the old lease', lacks: ['claimRenewsRepeat'], breaks: 'living' },
  { name: 'CLAIM takes the job out of due', lacks: ['claimKeepsDue'], breaks: 'due' },
  { name: 'CLAIM takes the job out of due', lacks: ['claimKeepsDue'], breaks: 'stuck' },
  { name: 'PUBLISHED takes the job out of due', lacks: ['publishedKeepsDue'], breaks: 'due' },
  { name: 'PUBLISHED takes the job out of due', lacks: ['publishedKeepsDue'], breaks: 'stuck' },
  { name: 'tries without end', lacks: ['triesEnd'], breaks: 'tries', bounds: { maxAttempts: 1 } },
  { name: 'COMPLETE without compare-and-set', lacks: ['completeAsksHolder'], breaks: 'holder' },
  {
    name: 'COMPLETE without any check',
    lacks: ['completeAsksHolder', 'completeAsksFinal'],
    breaks: 'once',
  },
  {
    name: 'COMPLETE without any check',
    lacks: ['completeAsksHolder', 'completeAsksFinal'],
    breaks: 'final',
    bounds: { acts: 1, faults: 0 },
  },
  {
    name: 'FAIL without compare-and-set',
    lacks: ['failAsksHolder'],
    breaks: 'holder',
    bounds: { errors: 1 },
  },
  { name: 'BEAT without compare-and-set', lacks: ['beatAsksHolder'], breaks: 'holder' },
  { name: 'BEAT that leaves the job in the queue', lacks: ['beatLeavesQueue'], breaks: 'waiting' },
  { name: 'CANCEL of what is final', lacks: ['cancelAsksFinal'], breaks: 'final', bounds: { acts: 1 } },
  { name: 'CANCEL of what is final', lacks: ['cancelAsksFinal'], breaks: 'pending', bounds: { acts: 1 } },
  { name: 'RETRY of what is done', lacks: ['retryAsksStatus'], breaks: 'table', bounds: { acts: 1 } },
  {
    name: 'EXPIRE of what is unfinished',
    lacks: ['expireAsksFinal'],
    breaks: 'pending',
    bounds: { acts: 1 },
  },
  { name: 'an end that stays in due', lacks: ['finishLeavesDue'], breaks: 'due' },
  {
    name: 'an end that leaves the token',
    lacks: ['finishDropsToken'],
    breaks: 'holder',
    bounds: { acts: 2, workers: 1 },
  },
  { name: 'a TTL from the start', lacks: ['ttlOnlyOnFinal'], breaks: 'ttl' },
];

export const variants: readonly Variant[] = sketches.map(({ breaks, bounds, ...sketch }) => ({
  ...sketch,
  breaks,
  bounds: { ...oneJob, ...bounds },
}));

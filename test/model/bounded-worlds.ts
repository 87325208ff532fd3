/** The worlds that are explored whole. `brief` ones take a second or two and belong to `make test`; all belong to `make verify`. */
import { generalInvariants } from './explore.ts';
import { unharmed } from './invariants.ts';
import { oneJob } from './variants.ts';
import type { Bounds } from './world.ts';

export interface BoundedWorld {
  name: string;
  bounds: Bounds;
  judge: readonly string[];
  isBrief: boolean;
}

interface Sketch {
  name: string;
  bounds: Partial<Bounds>;
  judge?: readonly string[];
  isBrief?: true;
}

const twoJobs = { jobs: 2, clients: 2, lastIsUrgent: true, submissionsAgain: 0 } as const;

const sketches: readonly Sketch[] = [
  { name: 'one job, two workers', bounds: {}, isBrief: true },
  { name: 'one job, two workers, more faults', bounds: { faults: 3 } },
  {
    name: 'two sweepers',
    bounds: {
      sweepers: 2,
      faults: 2,
      kinds: ['api crash', 'publish lost', 'confirm lost', 'wrong count', 'worker crash', 'Redis away'],
    },
  },
  { name: 'two sweepers, any fault', bounds: { sweepers: 2 }, isBrief: true },
  { name: 'runs that fail, and workers that stop', bounds: { errors: 1 } },
  { name: 'runs that fail again and again', bounds: { errors: 3, faults: 0 }, isBrief: true },
  { name: 'cancel, retry, settle, expire', bounds: { acts: 2 } },
  { name: 'cancel, retry, settle, expire, one worker', bounds: { acts: 2, workers: 1 }, isBrief: true },
  { name: 'time limits that pass', bounds: { limits: 2 }, isBrief: true },
  { name: 'the last try', bounds: { maxAttempts: 1, faults: 2 }, isBrief: true },
  { name: 'two jobs, one of them urgent', bounds: { ...twoJobs, faults: 0 } },
  {
    name: 'two jobs, one worker, with faults',
    bounds: {
      ...twoJobs,
      workers: 1,
      kinds: ['lost answer', 'worker crash', 'broker loses all'],
    },
  },
  {
    name: 'answers get lost, nothing else',
    bounds: { maxAttempts: 1, faults: 6, kinds: ['lost answer', 'late request'], repeatsInTime: true },
    judge: [...generalInvariants, unharmed.name],
    isBrief: true,
  },
];

export const boundedWorlds: readonly BoundedWorld[] = sketches.map(({ name, bounds, judge, isBrief }) => ({
  name,
  bounds: { ...oneJob, ...bounds },
  judge: judge ?? generalInvariants,
  isBrief: isBrief ?? false,
}));

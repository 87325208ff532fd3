/** What has to hold in every world, and in every step from one to another. */
import { type JobEvent, nextStatus } from '@factorial/core/jobs/job-status';
import { at } from './at.ts';
import { type Call, holds, isEnded, isOpen, jobOf, type ModelJob } from './record.ts';
import type { Model, Performed, Step } from './steps.ts';
import { hasLivingHolder, type World } from './world.ts';

export interface WorldInvariant {
  name: string;
  says: string;
  holds: (world: World, model: Model) => boolean;
}

export interface StepInvariant {
  name: string;
  says: string;
  holds: (before: World, step: Step) => boolean;
}

const everyJob = (world: World, holds: (job: ModelJob, index: number) => boolean): boolean =>
  world.store.jobs.every(holds);

export const worldInvariants: readonly WorldInvariant[] = [
  {
    name: 'due',
    says: 'a job is in `due` exactly while it is unfinished',
    holds: (world) => everyJob(world, (job) => isOpen(job) === (job.due !== 'no')),
  },
  {
    name: 'pending',
    says: 'the owners’ counts sum up to the number of unfinished jobs',
    holds: ({ store }) => store.pending === store.jobs.filter(isOpen).length,
  },
  {
    name: 'waiting',
    says: 'a job has a place in the queue exactly while it is queued and not delayed',
    holds: (world) =>
      everyJob(world, (job) => job.isWaiting === (job.status === 'queued' && job.delay === 'none')),
  },
  {
    name: 'ttl',
    says: 'final records have a TTL, others have none',
    holds: (world) => everyJob(world, (job) => job.hasTtl === isEnded(job)),
  },
  {
    name: 'tries',
    says: 'an unfinished job has had no more tries than it may have',
    holds: (world, { bounds }) => everyJob(world, (job) => !isOpen(job) || job.tries <= bounds.maxAttempts),
  },
  {
    name: 'once',
    says: 'a job has at most one committed result in a life',
    holds: (world) => everyJob(world, ({ commits }) => commits <= 1),
  },
  {
    name: 'fence',
    says: 'at most one worker holds a job’s current attempt and token',
    holds: (world) =>
      everyJob(world, (job, index) => {
        const current = world.workers.filter(({ ref }) => ref?.job === index && holds(job, ref));
        return current.length <= 1;
      }),
  },
  {
    name: 'lost',
    says: 'an id that a client was given is known',
    holds: (world) =>
      world.clients.every(
        ({ stage, job }, index) =>
          stage !== 'accepted' ||
          at(world.apis, index).stage === 'answered first' ||
          at(world.store.jobs, job).status !== 'none',
      ),
  },
  {
    name: 'one job',
    says: 'a submission makes one job, however often it is repeated',
    holds: ({ store, clients }) =>
      store.jobs.filter(({ status }) => status !== 'none').length <= clients.length,
  },
];

/** The events of the transition table that a script may be. */
const eventsOf: Record<Call['script'], readonly JobEvent[]> = {
  accept: [],
  published: [],
  claim: ['claim', 'fail'],
  beat: ['beat', 'fail'],
  complete: ['complete'],
  fail: ['fail', 'release'],
  release: ['release'],
  settle: ['complete'],
  reap: ['requeue', 'fail'],
  cancel: ['cancel'],
  retry: ['retry'],
  expire: ['expire'],
};

const isAllowed = (from: ModelJob['status'], to: ModelJob['status'], call: Call): boolean => {
  if (from === to) return true;
  if (from === 'none') return call.script === 'accept' && to === 'queued';
  return eventsOf[call.script].some((event) => nextStatus(from, event) === to);
};

/** Judges each script that ran in the step, with the job it was about before and after. */
const everyCall = (
  before: World,
  step: Step,
  holds: (performed: Performed, from: ModelJob, to: ModelJob) => boolean,
): boolean =>
  step.calls.every((performed) => {
    const index = performed.answer.ref?.job ?? jobOf(performed.call);
    return holds(performed, at(before.store.jobs, index), at(step.state.store.jobs, index));
  });

const isAfterlife = ({ call }: Performed): boolean => call.script === 'retry' || call.script === 'expire';

export const stepInvariants: readonly StepInvariant[] = [
  {
    name: 'table',
    says: 'every change of status is one that `nextStatus` knows for the event',
    holds: (before, step) =>
      step.state.store.jobs.every(({ status }, index) => {
        const from = at(before.store.jobs, index).status;
        return from === status || step.calls.some(({ call }) => isAllowed(from, status, call));
      }),
  },
  {
    name: 'attempt',
    says: 'the attempt never falls',
    holds: (before, step) =>
      everyJob(before, ({ attempt }, index) => at(step.state.store.jobs, index).attempt >= attempt),
  },
  {
    name: 'final',
    says: 'a final state changes by RETRY or EXPIRE alone',
    holds: (before, step) =>
      everyJob(before, (from, index) => {
        const to = at(step.state.store.jobs, index);
        const isSame = to.status === from.status && to.result === from.result;
        return !isEnded(from) || isSame || step.calls.some(isAfterlife);
      }),
  },
  {
    name: 'holder',
    says: 'only the attempt that holds the job ends it or gives it back, and only in the life it was given in',
    holds: (before, step) =>
      everyCall(before, step, ({ call, answer }, from) => {
        const judged = call.script === 'complete' || call.script === 'fail' || call.script === 'beat';
        if (!judged || answer.word !== 'OK') return true;
        return holds(from, call.ref) && from.life === call.ref.life;
      }),
  },
  {
    name: 'living',
    says: 'nobody takes or ends a job whose holder lives and has a live lease; the sweeper takes none of a holder that lives',
    holds: (before, step) =>
      everyCall(before, step, ({ call, answer }, from, to) => {
        const index = answer.ref?.job ?? jobOf(call);
        if (from.status !== 'processing' || !hasLivingHolder(before, index)) return true;
        if (call.script === 'reap') return to.status === 'processing';
        if (call.script !== 'claim') return true;
        return from.leaseOut || from.silent || (to.attempt === from.attempt && to.status === 'processing');
      }),
  },
  {
    name: 'delay',
    says: 'a retry is not claimed before its delay is over',
    holds: (before, step) =>
      everyCall(before, step, ({ call, answer }, from) => {
        return call.script !== 'claim' || answer.word !== 'OK' || from.delay !== 'ahead';
      }),
  },
];

/** Holds where answers get lost, and nothing else goes wrong. */
export const unharmed: WorldInvariant = {
  name: 'unharmed',
  says: 'no job fails because an answer was lost',
  holds: (world) => everyJob(world, ({ status }) => status !== 'failed'),
};

/** Judged when all worlds are known. */
export const liveness = {
  name: 'stuck',
  says: 'from every world, without a further fault, act or limit, every job can still reach a final state',
};

/** What the sweepers, the broker, Redis and the passing of time may do next. */
import { at } from './at.ts';
import { isOpen, type ModelJob } from './record.ts';
import type { Passed, Steps, Turn } from './steps.ts';
import { addMessage, cloneStore, hasLivingHolder, type Sweeper, type World } from './world.ts';

const idle: Sweeper = { stage: 'idle', job: -1, publication: 0 };

const rest = (after: World, index: number): void => {
  after.sweepers[index] = { ...idle };
};

/** Waiting jobs less the messages that stand for them: as publication-budget.ts counts. */
const hasDeficit = ({ store, ready, workers }: World): boolean => {
  const waiting = store.jobs.filter(({ isWaiting }) => isWaiting).length;
  const messages = ready.reduce((sum, { fresh, again }) => sum + fresh + again, 0);
  return waiting > messages + workers.filter(({ stage }) => stage === 'held').length;
};

const list = (steps: Steps, index: number): void => {
  const { isPaused, store } = steps.world;
  if (isPaused && steps.model.rules.pauseAfterOutage) return;
  store.jobs.forEach(({ due }, job) => {
    if (due !== 'now') return;
    steps.add(`sweeper ${index} finds job ${job} due`, (after) => {
      after.sweepers[index] = { stage: 'looking', job, publication: 0 };
    });
  });
};

const look = (steps: Steps, index: number, job: number): void => {
  const reap = (isRight: boolean) => (after: World, turn: Turn) => {
    const mayPublish = hasDeficit(after) === isRight;
    const { word, publication = 0 } = turn.call({ script: 'reap', job, mayPublish });
    after.sweepers[index] = word === 'PUBLISH' ? { stage: 'publishing', job, publication } : { ...idle };
  };
  steps.add(`REAP of job ${job} by sweeper ${index}`, reap(true));
  steps.fault('wrong count', `REAP of job ${job} by sweeper ${index} on a wrong count`, reap(false));
};

const publish = (steps: Steps, index: number): void => {
  const { job, publication } = at(steps.world.sweepers, index);
  steps.add(`sweeper ${index} publishes job ${job}`, (after) => {
    addMessage(after, job, 'fresh');
    after.confirms[job] = publication;
    rest(after, index);
  });
  steps.fault('publish lost', `sweeper ${index} publishes job ${job}, unconfirmed and lost`, (after) =>
    rest(after, index),
  );
};

const sweep = (steps: Steps, index: number): void => {
  const { stage, job } = at(steps.world.sweepers, index);
  if (stage === 'idle') return list(steps, index);
  if (stage === 'looking') look(steps, index, job);
  if (stage === 'publishing') publish(steps, index);
  steps.fault('api crash', `sweeper ${index} crashes`, (after) => rest(after, index));
};

const confirm = (steps: Steps, job: number): void => {
  const publication = at(steps.world.confirms, job);
  if (publication === 0) return;
  steps.add(`PUBLISHED of job ${job}`, (after, turn) => {
    turn.call({ script: 'published', job, publication });
    after.confirms[job] = 0;
  });
  steps.fault('confirm lost', `the confirmation of job ${job} is lost`, (after) => {
    after.confirms[job] = 0;
  });
};

const broker = (steps: Steps): void => {
  steps.world.confirms.forEach((_, job) => confirm(steps, job));
  const isEmpty = steps.world.ready.every(({ fresh, again }) => fresh + again === 0);
  if (!isEmpty || steps.world.workers.some(({ hasMessage }) => hasMessage)) {
    steps.fault('broker loses all', 'the broker loses all messages', (after) => {
      for (const ready of after.ready) Object.assign(ready, { fresh: 0, again: 0 });
      for (const worker of after.workers) worker.hasMessage = false;
    });
  }
  steps.world.store.jobs.forEach(({ publications }, job) => {
    if (publications === 0) return;
    steps.fault('message doubled', `a message of job ${job} comes twice`, (after) =>
      addMessage(after, job, 'fresh'),
    );
  });
};

/** An outage longer than a lease: nobody could beat. */
const loseTouch = (after: World, pass: (what: Passed['what'], job: number) => void): void => {
  after.store.jobs.forEach((job, index) => {
    if (job.status !== 'processing') return;
    Object.assign(job, { leaseOut: true, silent: true, due: job.due === 'later' ? 'now' : job.due });
    pass('lease', index);
    pass('silence', index);
  });
  after.sweepers.forEach((sweeper, index) => {
    if (sweeper.stage === 'looking') rest(after, index);
  });
};

const redis = (steps: Steps): void => {
  steps.fault('Redis away', 'Redis is away for longer than a lease', (after, turn) => {
    loseTouch(after, turn.pass);
    after.isPaused = true;
  });
  if (!steps.model.rules.durable) {
    steps.add('Redis writes to its disk', (after) => {
      after.disk = cloneStore(after.store);
    });
    steps.fault('Redis away', 'Redis is killed before it has written to its disk', (after) => {
      if (!after.disk) return false;
      after.store = cloneStore(after.disk);
      return true;
    });
  }
  const { isPaused, store } = steps.world;
  const isBeating = store.jobs.some(({ leaseOut }, job) => leaseOut && hasLivingHolder(steps.world, job));
  if (isPaused && !isBeating) {
    steps.add('the sweepers have waited for one lease', (after) => {
      after.isPaused = false;
    });
  }
};

/** A worker that has not heard the answer to its claim asks again. */
const isClaimedUnheard = ({ workers }: World, job: ModelJob): boolean =>
  workers.some(({ stage, isFrozen, nonce }) => stage === 'held' && !isFrozen && nonce === job.nonce);

const time = (steps: Steps, index: number): void => {
  const job = at(steps.world.store.jobs, index);
  if (!isOpen(job)) return;
  const isAsked = steps.model.bounds.repeatsInTime && isClaimedUnheard(steps.world, job);
  const isHeld = isAsked || hasLivingHolder(steps.world, index);
  const passes = (what: Passed['what'], changes: Partial<typeof job>) => {
    steps.add(`time passes for job ${index}: ${what}`, (after, turn) => {
      Object.assign(at(after.store.jobs, index), changes);
      turn.pass(what, index);
    });
  };
  const due = job.due === 'later' ? 'now' : job.due;
  if (job.status === 'processing' && !isHeld) {
    if (!job.leaseOut) passes('lease', { leaseOut: true, silent: true, due });
    if (!job.silent) passes('silence', { silent: true });
  }
  if (job.status !== 'queued') return;
  if (job.delay === 'ahead') passes('delay', { delay: 'over', due });
  else if (job.due === 'later') passes('look', { due });
};

const limit = (steps: Steps, index: number): void => {
  const job = at(steps.world.store.jobs, index);
  if (isOpen(job) && !job.queueOver) {
    steps.extra('limits', `time passes for job ${index}: queue limit`, (after, turn) => {
      at(after.store.jobs, index).queueOver = true;
      turn.pass('queue limit', index);
    });
  }
  if (!isOpen(job) || job.token === 0 || job.runOver) return;
  steps.extra('limits', `time passes for job ${index}: run limit`, (after, turn) => {
    at(after.store.jobs, index).runOver = true;
    turn.pass('run limit', index);
  });
};

const lateRequest = (steps: Steps): void => {
  const { late } = steps.world;
  if (!late) return;
  steps.add(`the late ${late.script.toUpperCase()} arrives`, (after, turn) => {
    turn.call(late);
    after.late = undefined;
  });
};

export const nextOfSurroundings = (steps: Steps): void => {
  if (steps.model.rules.sweep) steps.world.sweepers.forEach((_, index) => sweep(steps, index));
  broker(steps);
  redis(steps);
  lateRequest(steps);
  steps.world.store.jobs.forEach((_, index) => {
    time(steps, index);
    limit(steps, index);
  });
};

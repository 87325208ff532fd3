/** The whole system at one moment: store, broker, clients, api, workers, sweepers, and what may still go wrong. */
import { at } from './at.ts';
import { type Call, emptyJob, holds, type ModelJob, type ModelStore, type Ref } from './record.ts';

export const faultNames = [
  'lost answer',
  'late request',
  'api crash',
  'publish lost',
  'confirm lost',
  'wrong count',
  'broker loses all',
  'message doubled',
  'connection broken',
  'worker crash',
  'worker frozen',
  'Redis away',
] as const;
export type FaultName = (typeof faultNames)[number];

/** How large the world is, and how much may happen in it. */
export interface Bounds {
  jobs: number;
  /** The last job is more urgent than the others. */
  lastIsUrgent: boolean;
  clients: number;
  workers: number;
  sweepers: number;
  maxAttempts: number;
  /** How often a client whose submission failed tries again. */
  submissionsAgain: number;
  /** Faults in all, and which. */
  faults: number;
  kinds: readonly FaultName[];
  /** Runs that go wrong or are given back. */
  errors: number;
  /** Acts of the owner and of the janitor: cancel, retry, expire, an update of the article's kind. */
  acts: number;
  /** Time limits that pass: in the queue, of a run. */
  limits: number;
  /** A claim whose answer was lost is repeated before its lease is out. */
  repeatsInTime: boolean;
}

export interface Client {
  stage: 'idle' | 'posting' | 'failed' | 'accepted';
  job: number;
  again: number;
}

/** One request; in `written` the message is still to be sent. The last two exist in unsafe variants alone. */
export interface Api {
  stage: 'none' | 'received' | 'written' | 'sent' | 'sent first' | 'answered first' | 'written late';
  job: number;
}

export interface Worker {
  stage: 'idle' | 'held' | 'running' | 'ran' | 'ending';
  isFrozen: boolean;
  /** It was frozen and has not told since that it lives. */
  isOverdue: boolean;
  /** The job whose message was delivered; -1: none. */
  delivery: number;
  redelivered: boolean;
  /** The broker waits for its acknowledgement. */
  hasMessage: boolean;
  nonce: number;
  ref: Ref | undefined;
  outcome: 'none' | 'done' | 'error' | 'retry' | 'out-of-memory' | 'release';
}

export interface Sweeper {
  stage: 'idle' | 'looking' | 'publishing';
  job: number;
  publication: number;
}

/** Messages of one job that are ready in the broker. */
export interface Ready {
  fresh: number;
  again: number;
}

export interface World {
  store: ModelStore;
  /** What is on Redis's disk; only where that may differ. */
  disk: ModelStore | undefined;
  clients: Client[];
  apis: Api[];
  ready: Ready[];
  /** The publication that the broker has confirmed and Redis has not heard of; 0: none. */
  confirms: number[];
  workers: Worker[];
  sweepers: Sweeper[];
  isPaused: boolean;
  /** A request that its sender has given up and that may still arrive. */
  late: Call | undefined;
  nonces: number;
  faults: number;
  errors: number;
  acts: number;
  limits: number;
}

const idleWorker: Worker = {
  stage: 'idle',
  isFrozen: false,
  isOverdue: false,
  delivery: -1,
  redelivered: false,
  hasMessage: false,
  nonce: 0,
  ref: undefined,
  outcome: 'none',
};

export const makeIdle = (worker: Worker): void => void Object.assign(worker, idleWorker);

const many = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index));

export const firstWorld = (bounds: Bounds): World => ({
  store: {
    jobs: many(bounds.jobs, (index) => emptyJob(bounds.lastIsUrgent && index === bounds.jobs - 1)),
    pending: 0,
    keys: many(bounds.clients, () => -1),
    tokens: 0,
  },
  disk: undefined,
  clients: many(bounds.clients, () => ({ stage: 'idle', job: -1, again: bounds.submissionsAgain })),
  apis: many(bounds.clients, () => ({ stage: 'none', job: -1 })),
  ready: many(bounds.jobs, () => ({ fresh: 0, again: 0 })),
  confirms: many(bounds.jobs, () => 0),
  workers: many(bounds.workers, () => ({ ...idleWorker })),
  sweepers: many(bounds.sweepers, () => ({ stage: 'idle', job: -1, publication: 0 })),
  isPaused: false,
  late: undefined,
  nonces: 0,
  faults: bounds.faults,
  errors: bounds.errors,
  acts: bounds.acts,
  limits: bounds.limits,
});

export const cloneStore = (store: ModelStore): ModelStore => ({
  ...store,
  jobs: store.jobs.map((job) => ({ ...job })),
  keys: [...store.keys],
});

export const cloneWorld = (world: World): World => ({
  ...world,
  store: cloneStore(world.store),
  clients: world.clients.map((client) => ({ ...client })),
  apis: world.apis.map((api) => ({ ...api })),
  ready: world.ready.map((ready) => ({ ...ready })),
  confirms: [...world.confirms],
  workers: world.workers.map((worker) => ({ ...worker })),
  sweepers: world.sweepers.map((sweeper) => ({ ...sweeper })),
});

/** Whether this worker runs the job, beats, and is the one that the store knows as its holder. */
const isLivingHolder = (worker: Worker, index: number, job: ModelJob): boolean =>
  !worker.isOverdue &&
  (worker.stage === 'running' || worker.stage === 'ran') &&
  worker.ref?.job === index &&
  holds(job, worker.ref);

export const hasLivingHolder = (world: World, index: number): boolean => {
  const job = at(world.store.jobs, index);
  return world.workers.some((worker) => isLivingHolder(worker, index, job));
};

const mostOfOneKind = 2;

/** More messages of one job than this make no difference that the bounds could show. */
export const addMessage = (world: World, job: number, kind: keyof Ready): void => {
  const ready = at(world.ready, job);
  ready[kind] = Math.min(mostOfOneKind, ready[kind] + 1);
};

export const nextNonce = (world: World): number => {
  world.nonces += 1;
  return world.nonces;
};

/** Puts a queue, its jobs and a Deployment of workers together, for one autoscaler to look after. */
import { createRandom, type Random } from '../random.ts';
import type { Scenario } from '../scenarios.ts';
import { createLedger, noteDone, type Ledger } from './ledger.ts';
import { createMessageQueue, type Job, type MessageQueue } from './message-queue.ts';
import { createReplicaSet, type ReplicaSet } from './replica-set.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { createWorker, type SimulatedWorker } from './worker.ts';

export interface World {
  scenario: Scenario;
  clock: VirtualClock;
  queue: MessageQueue;
  replicaSet: ReplicaSet;
  ledger: Ledger;
  /** For whatever the autoscaler leaves to chance. */
  random: Random;
  /** Tells of each worker process that begins. */
  onWorker(tell: (worker: SimulatedWorker) => void): void;
  /** Moving average of the run times, as the api keeps it; undefined before the first job is done. */
  serviceMs(): number | undefined;
  /** The scenario is over and nothing is left to do; or it has taken so long that something is. */
  isOver(): boolean;
}

export interface WorldOptions {
  scenario: Scenario;
  seed: number;
  graceMs: number;
}

/** A job that is not done by then is lost. */
const patience = 4;

/** Weight of the newest run in the api's moving average. */
const serviceWeight = 0.2;

/** By serial number of the pod, so that all autoscalers get the same starts whatever they do. */
const startUps =
  ({ startUp }: Scenario, seed: number) =>
  (serial: number) => {
    const random = createRandom(seed * 100_003 + serial);
    return { podMs: random.between(...startUp.podMs), processMs: random.between(...startUp.processMs) };
  };

export const createWorld = ({ scenario, seed, graceMs }: WorldOptions): World => {
  const clock = createVirtualClock();
  const queue = createMessageQueue();
  const ledger = createLedger();
  const random = createRandom(seed + 500_009);
  const jobs = scenario.jobs(createRandom(seed));
  let serviceMs: number | undefined;
  let tell = (_worker: SimulatedWorker): void => undefined;

  const finished = (job: Job): void => {
    noteDone(ledger, job, clock.now());
    const before = serviceMs ?? job.serviceMs;
    serviceMs = before + serviceWeight * (job.serviceMs - before);
  };

  const replicaSet = createReplicaSet({
    clock,
    random,
    ledger,
    nodes: scenario.nodes,
    graceMs,
    startUp: startUps(scenario, seed),
    ...(scenario.lapses ? { lapses: scenario.lapses } : {}),
    startWorker: (id, coldStartMs, began) => {
      const worker = createWorker({ id, clock, queue, coldStartMs, began, finished });
      tell(worker);
      return worker;
    },
  });
  for (const job of jobs) clock.at(job.arrivesAtMs, () => queue.publish(job));
  replicaSet.scaleTo(scenario.minWorkers);

  const isDone = (): boolean => ledger.waitsMs.length === jobs.length;
  return {
    scenario,
    clock,
    queue,
    replicaSet,
    ledger,
    random,
    onWorker: (listener) => {
      tell = listener;
    },
    serviceMs: () => serviceMs,
    isOver: () => (clock.now() >= scenario.lastsMs && isDone()) || clock.now() >= patience * scenario.lastsMs,
  };
};

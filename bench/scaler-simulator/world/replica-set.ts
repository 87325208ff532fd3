/**
 * A Deployment with its ReplicaSet, scheduler and kubelets: makes pods, finds them a machine, starts and stops their workers.
 * Who goes first is as in Kubernetes (pkg/controller/controller_utils.go, ActivePodsWithRanks): without a machine, not ready,
 * lower deletion cost, more of them on the machine, ready for a shorter time by powers of two, and then by chance.
 */
import type { Random } from '../random.ts';
import type { Scenario } from '../scenarios.ts';
import type { Ledger } from './ledger.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { SimulatedWorker } from './worker.ts';

export interface Pod {
  readonly name: string;
  readonly chance: number;
  node: string | undefined;
  readonly createdAtMs: number;
  placedAtMs: number | undefined;
  /** When it became ready or ceased to be. */
  turnedAtMs: number;
  /** From the moment that the process runs. */
  worker: SimulatedWorker | undefined;
  readyAtMs: number | undefined;
  isTerminating: boolean;
}

export interface StartUp {
  /** From a machine to a running process. */
  podMs: number;
  /** From there to readiness. */
  processMs: number;
}

export interface ReplicaSetDeps {
  clock: VirtualClock;
  random: Random;
  ledger: Ledger;
  /** How many pods each machine has room for. */
  nodes: readonly number[];
  graceMs: number;
  startUp: (serial: number) => StartUp;
  /** A pod may not be ready for a while when it begins a run; it works on meanwhile. */
  lapses?: Scenario['lapses'];
  startWorker: (id: string, coldStartMs: number, began: () => void) => SimulatedWorker;
}

export interface ReplicaSet {
  replicas(): number;
  scaleTo(replicas: number): void;
  /** Deletion costs by pod; 0 for the others. */
  costs(): ReadonlyMap<string, number>;
  /** The controller sees it after a while. */
  setCost(pod: string, cost: number): void;
  /** Those that are not on their way out. */
  pods(): readonly Pod[];
  /** Closes the account of those that still run. */
  close(): void;
}

/** From the change of the number to the controller's work on it. */
const controllerMs = 100;
/** How old the controller's picture of a pod may be; kubernetes#126138 tells of 0.62 s. */
const cacheMs = { least: 100, most: 1_000 };
/** From an idle worker's SIGTERM to the end of its pod. */
const exitMs = 500;

const flag = (is: boolean): number => (is ? 1 : 0);

export const createReplicaSet = (deps: ReplicaSetDeps): ReplicaSet => {
  const { clock, random, ledger, nodes } = deps;
  let pods: Pod[] = [];
  let replicas = 0;
  let serial = 0;
  const costs = new Map<string, number>();
  const seenCosts = new Map<string, number>();
  let lastSeenAtMs = 0;

  const active = (): Pod[] => pods.filter((pod) => !pod.isTerminating);
  const podsOn = (node: string): number => pods.filter((pod) => pod.node === node).length;

  const roomiest = (): string | undefined => {
    const rooms = nodes.map((size, index) => ({
      node: `node-${index}`,
      room: size - podsOn(`node-${index}`),
    }));
    return rooms.filter(({ room }) => room > 0).toSorted((one, other) => other.room - one.room)[0]?.node;
  };

  const turn = (pod: Pod, readyAtMs: number | undefined): void => {
    pod.readyAtMs = readyAtMs;
    pod.turnedAtMs = clock.now();
  };

  const lapse = (pod: Pod): void => {
    const { lapses } = deps;
    if (!lapses || pod.readyAtMs === undefined || random.next() >= lapses.share) return;
    turn(pod, undefined);
    clock.at(clock.now() + random.between(...lapses.ms), () => turn(pod, clock.now()));
  };

  const start = (pod: Pod, { podMs, processMs }: StartUp): void =>
    clock.at(clock.now() + podMs, () => {
      if (pod.isTerminating) return;
      const worker = deps.startWorker(pod.name, processMs, () => lapse(pod));
      pod.worker = worker;
      clock.at(clock.now() + processMs, () => {
        if (pod.isTerminating) return;
        turn(pod, clock.now());
        worker.serve();
      });
    });

  const place = (pod: Pod): void => {
    pod.node = roomiest();
    if (pod.node === undefined) return;
    pod.placedAtMs = clock.now();
    start(pod, deps.startUp(Number(pod.name.slice('worker-'.length))));
  };

  const placeWaiting = (): void => {
    for (const pod of active().filter(({ node }) => node === undefined)) place(pod);
  };

  const create = (): void => {
    const pod: Pod = {
      name: `worker-${(serial += 1)}`,
      chance: random.next(),
      node: undefined,
      createdAtMs: clock.now(),
      placedAtMs: undefined,
      turnedAtMs: clock.now(),
      worker: undefined,
      readyAtMs: undefined,
      isTerminating: false,
    };
    pods.push(pod);
    ledger.started += 1;
    place(pod);
  };

  const settle = (pod: Pod): void => {
    const placedAtMs = pod.placedAtMs ?? clock.now();
    ledger.podMs += clock.now() - placedAtMs;
    ledger.pendingMs += placedAtMs - pod.createdAtMs;
  };

  const remove = (pod: Pod): void => {
    if (!pods.includes(pod)) return;
    if (pod.worker?.kill()) ledger.killed += 1;
    settle(pod);
    pods = pods.filter((other) => other !== pod);
    placeWaiting();
  };

  const terminate = (pod: Pod): void => {
    pod.isTerminating = true;
    if (pod.node === undefined) return remove(pod);
    const leave = (): void => clock.at(clock.now() + exitMs, () => remove(pod));
    if (!pod.worker) return leave();
    if (pod.worker.isBusy()) {
      ledger.busyPicked += 1;
      if ((costs.get(pod.name) ?? 0) < 0) ledger.busyVictims += 1;
    }
    clock.at(clock.now() + deps.graceMs, () => remove(pod));
    return pod.worker.stop(leave);
  };

  /** Lower goes first, from the first number that differs. */
  const rank = (pod: Pod): number[] => [
    flag(pod.node !== undefined),
    flag(pod.readyAtMs !== undefined),
    seenCosts.get(pod.name) ?? 0,
    pod.node === undefined ? 0 : -active().filter(({ node }) => node === pod.node).length,
    Math.floor(Math.log2(Math.max(1, clock.now() - (pod.readyAtMs ?? clock.now())))),
    pod.chance,
  ];

  const byRank = (one: { ranks: number[] }, other: { ranks: number[] }): number => {
    const index = one.ranks.findIndex((value, at) => value !== other.ranks[at]);
    return index === -1 ? 0 : (one.ranks[index] ?? 0) - (other.ranks[index] ?? 0);
  };

  const reconcile = (): void => {
    const present = active();
    for (let missing = replicas - present.length; missing > 0; missing -= 1) create();
    const ranked = present.map((pod) => ({ pod, ranks: rank(pod) })).toSorted(byRank);
    for (const { pod } of ranked.slice(0, Math.max(0, present.length - replicas))) terminate(pod);
  };

  return {
    replicas: () => replicas,
    scaleTo: (count) => {
      const inflight = active().filter(({ worker }) => worker?.isBusy()).length;
      if (count < replicas && count < inflight) ledger.belowInflight += 1;
      replicas = count;
      ledger.mostReplicas = Math.max(ledger.mostReplicas, count);
      clock.at(clock.now() + controllerMs, reconcile);
    },
    costs: () => costs,
    setCost: (pod, cost) => {
      costs.set(pod, cost);
      lastSeenAtMs = Math.max(lastSeenAtMs, clock.now() + random.between(cacheMs.least, cacheMs.most));
      clock.at(lastSeenAtMs, () => seenCosts.set(pod, cost));
    },
    pods: active,
    close: () => pods.forEach(settle),
  };
};

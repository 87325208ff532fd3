/** Chooses which idle workers go when the pool shrinks. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import type { TargetWorker } from '../targets/scale-target.ts';

type PoolWorker = PoolReport['workers'][number];

interface Candidate {
  worker: PoolWorker;
  /** Workers on the same machine: busy ones, and all. */
  neighbours: { busy: number; all: number };
}

/** Only a worker that both sides know, that serves and has nothing to do: a silent one may be at work. */
export const idleWorkers = (workers: readonly PoolWorker[], running: readonly TargetWorker[]): PoolWorker[] =>
  workers.filter(
    ({ id, busy, state }) => busy === 0 && state === 'active' && running.some((known) => known.id === id),
  );

const neighboursOf = (
  node: string | undefined,
  workers: readonly PoolWorker[],
  running: readonly TargetWorker[],
) => {
  const ids = running.filter((worker) => worker.node === node).map((worker) => worker.id);
  const busy = workers.filter((worker) => worker.busy > 0 && ids.includes(worker.id)).length;
  return { busy, all: ids.length };
};

/** Machines that empty soonest first, so that a cluster can give them back; then the youngest: what an old one has warmed stays. */
const order = (a: Candidate, b: Candidate): number =>
  a.neighbours.busy - b.neighbours.busy ||
  a.neighbours.all - b.neighbours.all ||
  a.worker.ageMs - b.worker.ageMs;

export interface VictimSources {
  workers: readonly PoolWorker[];
  running: readonly TargetWorker[];
}

/** @returns at most `count` ids of idle workers. */
export const chooseVictims = ({ workers, running }: VictimSources, count: number): string[] =>
  idleWorkers(workers, running)
    .map((worker) => {
      const node = running.find(({ id }) => id === worker.id)?.node;
      return { worker, neighbours: neighboursOf(node, workers, running) };
    })
    .toSorted(order)
    .slice(0, count)
    .map(({ worker }) => worker.id);

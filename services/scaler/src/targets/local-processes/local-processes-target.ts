/** The scale target of a single machine: workers are child processes of the scaler. */
import type { Service } from '@factorial/core/lifecycle/service';
import type { Reading } from '../../readings/reading.ts';
import type { MarkAnswer, Marking, ScaleAnswer, ScaleRequest, TargetState } from '../scale-target.ts';
import type { OpenOutput } from './worker-output.ts';
import { startWorkerProcess, type WorkerCommand } from './worker-process.ts';
import { createWorkerSlot, type WorkerExit, type WorkerSlot } from './worker-slot.ts';

export interface LocalProcessesDeps extends WorkerCommand {
  /** Workers to begin with, before anything is known of the queue. */
  initialWorkers: number;
  openOutput: OpenOutput;
  /** An id that was never used before. @param place 1 for the first worker of this machine. */
  newWorkerId: (place: number) => string;
  /** The name its output goes by. */
  outputName: (place: number) => string;
  /** From SIGTERM to SIGKILL. */
  graceMs: number;
  exited: (exit: WorkerExit) => void;
  now: () => number;
  random: () => number;
}

/** Only victims are ever stopped here: the others need not be told. */
type LocalScaleRequest = Omit<ScaleRequest, 'others'>;

/** A `ScaleTarget` that answers at once: it needs no signal. */
export interface LocalProcessesTarget extends Service {
  read(): Promise<Reading<TargetState>>;
  markVictims(marking: Pick<Marking, 'victims'>): Promise<MarkAnswer>;
  scaleTo(request: LocalScaleRequest): Promise<ScaleAnswer>;
}

/** Everything that changes while the target lives. Places are numbered from 1, a free one is taken again. */
interface Machine {
  slots: Map<number, WorkerSlot>;
  /** Ids of workers that are about to go. */
  marked: Set<string>;
  /** Ends under way. */
  ending: Set<Promise<void>>;
  /** Aborted when nothing may take its time any more. */
  hurry: AbortController;
}

const freePlace = (slots: Machine['slots']): number => {
  let place = 1;
  while (slots.has(place)) place += 1;
  return place;
};

const addWorker = (machine: Machine, deps: LocalProcessesDeps): void => {
  const { slots } = machine;
  const place = freePlace(slots);
  const start = () =>
    startWorkerProcess({ ...deps, id: deps.newWorkerId(place), name: deps.outputName(place) });
  const slot = createWorkerSlot({
    ...deps,
    start,
    mayGo: (id) => machine.marked.has(id),
    vacated: () => slots.delete(place),
  });
  slots.set(place, slot);
};

const endSlot = ({ slots, ending, hurry }: Machine, place: number, graceMs: number): void => {
  const slot = slots.get(place);
  if (!slot) return;
  slots.delete(place);
  const end = slot.stop(graceMs, hurry.signal).finally(() => ending.delete(end));
  ending.add(end);
};

const removeVictims = (machine: Machine, victims: readonly string[], graceMs: number): string[] => {
  const removed: string[] = [];
  for (const [place, slot] of machine.slots) {
    const id = slot.id();
    if (id === undefined || !victims.includes(id)) continue;
    endSlot(machine, place, graceMs);
    removed.push(id);
  }
  return removed;
};

/** Places whose worker has ended and waits for its restart can be given up without anybody noticing. */
const removeEmpty = (machine: Machine, surplus: number): void => {
  const empty = [...machine.slots].filter(([, slot]) => slot.id() === undefined).map(([place]) => place);
  for (const place of empty.slice(0, Math.max(0, surplus))) endSlot(machine, place, 0);
};

/** A worker that is no victim is never stopped: the number may stay above what was asked for. */
const scale = (
  machine: Machine,
  deps: LocalProcessesDeps,
  { from, to, victims }: LocalScaleRequest,
): ScaleAnswer => {
  const { slots } = machine;
  if (slots.size !== from) return { ok: false, reason: 'the number of workers has changed meanwhile' };
  const removed = removeVictims(machine, victims, deps.graceMs);
  removeEmpty(machine, slots.size - to);
  while (slots.size < to) addWorker(machine, deps);
  return { ok: true, removed, stayed: victims.filter((id) => !removed.includes(id)) };
};

const stateOf = ({ slots }: Machine): TargetState => {
  const workers = [...slots.values()].flatMap((slot) => slot.id() ?? []).map((id) => ({ id }));
  const replicas = slots.size;
  return {
    replicas,
    starting: replicas - workers.length,
    unschedulable: 0,
    rollout: false,
    paused: false,
    workers,
    present: workers.map(({ id }) => id),
  };
};

const stopAll = async (machine: Machine, graceMs: number, deadline: AbortSignal): Promise<void> => {
  const hurry = (): void => machine.hurry.abort();
  deadline.addEventListener('abort', hurry, { once: true });
  if (deadline.aborted) hurry();
  for (const place of machine.slots.keys()) endSlot(machine, place, graceMs);
  await Promise.all(machine.ending);
  deadline.removeEventListener('abort', hurry);
};

export const createLocalProcessesTarget = (deps: LocalProcessesDeps): LocalProcessesTarget => {
  const machine: Machine = {
    slots: new Map(),
    marked: new Set(),
    ending: new Set(),
    hurry: new AbortController(),
  };
  return {
    name: 'local-workers',
    start: async () => {
      while (machine.slots.size < deps.initialWorkers) addWorker(machine, deps);
    },
    stop: async (deadline) => stopAll(machine, deps.graceMs, deadline),
    read: async () => ({ ok: true, value: stateOf(machine), at: deps.now() }),
    markVictims: async ({ victims }) => {
      machine.marked = new Set(victims);
      return { ok: true };
    },
    scaleTo: async (request) => scale(machine, deps, request),
  };
};

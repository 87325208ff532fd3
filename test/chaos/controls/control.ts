/**
 * Negative controls: a guard is taken out, and the run has to break a promise. Each has a plan made to need that guard, and the
 * same plan is run with the guard first, which has to keep every promise: a gate that passes its control proves nothing.
 */
import type { LocalOptions } from '../local-target.ts';
import type { ChaosOptions } from '../run-chaos.ts';
import type { PlannedJob } from '../load/plan-jobs.ts';
import { digestOf } from '../task/results.ts';
import { patchedEnv, patchScripts, type SourcePatch } from './source-patch.ts';
import type { Fault } from '../schedule/fault.ts';

export const controlNames = [
  'no-sweeper',
  'no-compare-and-set',
  'everysec-slow-disk',
  'compute-on-the-loop',
  'no-mandatory',
] as const;
export type ControlName = (typeof controlNames)[number];

export interface Control {
  what: string;
  /** The promise that has to break, as the gates name it. */
  breaks: RegExp;
  plan: Pick<ChaosOptions, 'jobs' | 'perSecond' | 'settleMs' | 'planned' | 'restLimitMs'>;
  /** What takes the guard out. @param dir for files of its own. */
  unguard: (dir: string) => Promise<Pick<LocalOptions, 'serviceEnv' | 'appendfsync'>>;
}

const fault = (of: Omit<Fault, 'lastsMs' | 'amount'> & Partial<Fault>): Fault => ({
  lastsMs: 0,
  amount: 0,
  ...of,
});

/** Nobody works. */
const freezeAll = (atMs: number, lastsMs: number): Fault[] =>
  (['worker-0', 'worker-1', 'scaled-worker'] as const).map((target) =>
    fault({ atMs, kind: 'freeze', target, lastsMs }),
  );

const job = (index: number, behaviour: 'nap' | 'burn', amount: number): PlannedJob => {
  const text = `control-${index}`;
  return {
    key: text,
    kind: 'nap',
    body: { input: { do: behaviour, text, amount }, priority: 'normal' },
    ends: { done: digestOf(digestOf(text, 1), 1) },
  };
};

const withPatches =
  (...patches: SourcePatch[]): Control['unguard'] =>
  async () =>
    Promise.resolve({ serviceEnv: patchedEnv(patches) });

/** A worker falls silent with its connection cut, and wakes when another has taken its jobs. */
const wakeTooLate = [4_000, 16_000, 28_000].flatMap((atMs) => [
  fault({ atMs, kind: 'freeze', target: 'worker-0', lastsMs: 6_000 }),
  fault({ atMs: atMs + 300, kind: 'cut', target: 'worker-rabbitmq' }),
]);

export const controls: Record<ControlName, Control> = {
  'no-sweeper': {
    what: 'nobody looks at what is due, and RabbitMQ loses its data with jobs in the queue',
    breaks: /^stuck/,
    plan: {
      jobs: 300,
      perSecond: 20,
      settleMs: 60_000,
      planned: {
        faults: [...freezeAll(4_000, 8_000), fault({ atMs: 8_000, kind: 'wipe', target: 'rabbitmq' })],
      },
    },
    unguard: withPatches({ file: 'services/api/src/jobs/sweeper.ts', from: 'running ??= loop();', to: '' }),
  },
  'no-compare-and-set': {
    what: 'a result is taken from whoever brings it, and a worker wakes after another has its jobs',
    breaks: /^(double|changed)/,
    plan: {
      jobs: 240,
      perSecond: 6,
      settleMs: 60_000,
      planned: {
        jobs: Array.from({ length: 240 }, (_, index) => job(index, 'nap', 700)),
        faults: wakeTooLate,
      },
    },
    unguard: async (dir) => {
      const unfenced = {
        file: 'complete.lua',
        from: 'if not holds(job, attempt, ARGV[3]) then',
        to: 'if false then',
      };
      const unfinal = {
        file: 'complete.lua',
        from: 'if isFinal(job.status) then',
        to: 'if false then',
      };
      return { serviceEnv: patchedEnv([await patchScripts(dir, unfenced, unfinal)]) };
    },
  },
  'everysec-slow-disk': {
    what: 'Redis writes to its disk once a second, the disk is slow, and Redis is killed',
    breaks: /^lost/,
    plan: {
      jobs: 400,
      perSecond: 20,
      settleMs: 60_000,
      planned: {
        faults: [
          fault({ atMs: 3_000, kind: 'slow-disk', target: 'redis', lastsMs: 14_000, amount: 1_500 }),
          fault({ atMs: 9_000, kind: 'kill', target: 'redis' }),
          fault({ atMs: 15_000, kind: 'kill', target: 'redis' }),
        ],
      },
    },
    unguard: async () => Promise.resolve({ appendfsync: 'everysec' }),
  },
  'compute-on-the-loop': {
    what: 'the worker computes on the loop that has to answer the broker, for 45 s',
    breaks: /^(rerun|stuck)/,
    plan: {
      jobs: 2,
      perSecond: 1,
      settleMs: 100_000,
      planned: { jobs: [job(0, 'burn', 45_000), job(1, 'burn', 45_000)], faults: [] },
    },
    unguard: withPatches({
      file: 'services/worker/src/run-job.ts',
      from: 'const { ref } = work;',
      to: 'const { ref } = work; for (const end = Date.now() + 45_000; Date.now() < end;);',
    }),
  },
  'no-mandatory': {
    what: 'the queue is deleted, and the broker confirms what it has no queue for',
    breaks: /^at rest/,
    plan: {
      jobs: 240,
      perSecond: 40,
      settleMs: 90_000,
      restLimitMs: 15_000,
      planned: {
        // The apis know the queue; nobody who consumes declares it anew, and no message is in it that would be lost with it.
        warmUp: Array.from({ length: 16 }, (_, index) => job(1_000 + index, 'nap', 10)),
        faults: [
          ...freezeAll(0, 6_000),
          fault({ atMs: 0, kind: 'freeze', target: 'scaler', lastsMs: 6_000 }),
          fault({ atMs: 1_000, kind: 'delete-queue', target: 'rabbitmq' }),
        ],
        loadAfterMs: 2_000,
      },
    },
    unguard: withPatches({
      file: 'packages/core/src/queue/publish-channel.ts',
      from: 'mandatory: true',
      to: 'mandatory: false',
    }),
  },
};

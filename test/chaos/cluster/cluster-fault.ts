/** What can go wrong in a cluster: which fault can befall which part of the installation, how often, and for how long. */
import { atOnce, type Range, type RuleOf, type Timing } from '../schedule/fault.ts';

export const clusterPartNames = [
  'api',
  'worker',
  'scaler',
  'rabbitmq',
  'redis',
  'janitor',
  /** A process that computes, in a worker's pod. */
  'runner',
] as const;
export type ClusterPartName = (typeof clusterPartNames)[number];

export const clusterFaultKinds = [
  /** One pod is deleted by force: it is forgotten at once, and its successor does not wait for its end. */
  'kill',
  /** One pod is deleted and has its time to end. */
  'stop',
  /** SIGKILL to the process; the kubelet starts it again in its pod, a runner's worker starts another. */
  'crash',
  /** SIGSTOP for `lastsMs`. */
  'freeze',
  /** All pods of the Deployment are replaced. */
  'restart',
  /** The CronJob's work is started by hand, `amount` times at once. */
  'run',
  /** RabbitMQ is killed and loses all it has on disk. */
  'wipe',
  /** The queue and what is in it are gone. */
  'delete-queue',
  /** Messages that nobody can work on. */
  'poison',
] as const;
export type ClusterFaultKind = (typeof clusterFaultKinds)[number];

interface ClusterBlow {
  kind: ClusterFaultKind;
  target: ClusterPartName;
}
export type ClusterFault = ClusterBlow & Timing;

const ofKind = (
  kind: ClusterFaultKind,
  weights: Partial<Record<ClusterPartName, number>>,
  lastsMs: Range = atOnce,
): RuleOf<ClusterBlow>[] =>
  clusterPartNames.flatMap((target) =>
    weights[target] === undefined ? [] : [{ blow: { kind, target }, weight: weights[target], lastsMs }],
  );

/** Redis and the apis are the first process of their container, which nothing within it can kill or stop. */
export const clusterFaultRules: readonly RuleOf<ClusterBlow>[] = [
  ...ofKind('kill', { api: 4, worker: 5, scaler: 3, rabbitmq: 2, redis: 3, janitor: 1 }),
  ...ofKind('stop', { api: 3, worker: 4, scaler: 1, rabbitmq: 1, redis: 1 }),
  ...ofKind('crash', { worker: 4, runner: 5, rabbitmq: 1 }),
  // Longer than a lease: somebody else has the job when the worker wakes.
  ...ofKind('freeze', { worker: 3 }, [1_000, 40_000]),
  ...ofKind('freeze', { runner: 3 }, [500, 8_000]),
  ...ofKind('restart', { api: 1.5, worker: 1.5 }),
  { blow: { kind: 'run', target: 'janitor' }, weight: 3, lastsMs: atOnce, amount: [1, 2] },
  ...ofKind('wipe', { rabbitmq: 1.5 }),
  ...ofKind('delete-queue', { rabbitmq: 1.5 }),
  ...ofKind('poison', { rabbitmq: 1.5 }),
];

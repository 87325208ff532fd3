/** What can go wrong in a run: which fault can befall which part, how often, and for how long. */
import { linkNames, type LinkName } from '../../../dev/system/system-links.ts';

export const partNames = [
  'redis',
  'rabbitmq',
  'api-0',
  'api-1',
  'worker-0',
  'worker-1',
  'scaler',
  /** A worker that the scaler has started. */
  'scaled-worker',
  /** A process that computes. */
  'runner',
  'janitor',
] as const;
export type PartName = (typeof partNames)[number];

/** What can befall a program, or what it writes to. */
export const partFaultKinds = [
  /** SIGKILL, and a start after `lastsMs`. */
  'kill',
  /** SIGTERM, and a start after `lastsMs`. */
  'stop',
  /** SIGSTOP for `lastsMs`. */
  'freeze',
  /** RabbitMQ loses all it has on disk. */
  'wipe',
  /** Each fsync takes `amount` ms longer. */
  'slow-disk',
  /** The queue and what is in it are gone. */
  'delete-queue',
  /** Messages that nobody can work on. */
  'poison',
] as const;
export type PartFaultKind = (typeof partFaultKinds)[number];

/** What can befall the network between two parts. */
export const linkFaultKinds = [
  /** All connections end; new ones are taken. */
  'cut',
  /** No connection at all. */
  'refuse',
  /** All that passes takes `amount` ms longer. */
  'slow',
  /** Nothing passes, and nobody is told. */
  'half-open',
  /** The next answers break off after `amount` bytes. */
  'reset',
] as const;
export type LinkFaultKind = (typeof linkFaultKinds)[number];

interface PartBlow {
  kind: PartFaultKind;
  target: PartName;
}
interface LinkBlow {
  kind: LinkFaultKind;
  target: LinkName;
}
export interface Timing {
  /** From the beginning of the load, in ms. */
  atMs: number;
  lastsMs: number;
  /** ms or bytes, where the kind has an amount; else 0. */
  amount: number;
}

export type PartFault = PartBlow & Timing;
export type LinkFault = LinkBlow & Timing;
export type Fault = PartFault | LinkFault;

const linkNameSet: ReadonlySet<string> = new Set(linkNames);
export const isLinkFault = (fault: Fault): fault is LinkFault => linkNameSet.has(fault.target);

/** A fault at its time, whatever can be hit where it strikes. */
export type ScheduledFault = { kind: string; target: string } & Timing;

export type Range = readonly [least: number, most: number];

/** How often a blow falls, and how hard. */
export interface RuleOf<Blow> {
  blow: Blow;
  weight: number;
  lastsMs: Range;
  amount?: Range;
}
export type FaultRule = RuleOf<PartBlow | LinkBlow>;

export const atOnce: Range = [0, 0];

const ofPart = (kind: 'kill' | 'stop', weights: Partial<Record<PartName, number>>): FaultRule[] =>
  partNames.flatMap((target) =>
    weights[target] === undefined
      ? []
      : [{ blow: { kind, target }, weight: weights[target], lastsMs: [0, 3_000] }],
  );

const freezes: readonly [PartName, number, Range][] = [
  // Longer than a lease: somebody else has the job when it wakes.
  ['worker-0', 3, [1_000, 40_000]],
  ['worker-1', 3, [1_000, 12_000]],
  ['scaled-worker', 1, [1_000, 12_000]],
  ['runner', 4, [500, 8_000]],
  ['api-0', 2, [500, 8_000]],
  ['api-1', 2, [500, 8_000]],
  ['redis', 3, [300, 5_000]],
  ['rabbitmq', 3, [300, 8_000]],
  ['scaler', 2, [1_000, 10_000]],
  ['janitor', 1, [200, 3_000]],
];

const ofLink = (target: LinkName): FaultRule[] => [
  { blow: { kind: 'cut', target }, weight: 1.5, lastsMs: atOnce },
  { blow: { kind: 'refuse', target }, weight: 1, lastsMs: [300, 5_000] },
  { blow: { kind: 'slow', target }, weight: 1, lastsMs: [2_000, 8_000], amount: [10, 150] },
  { blow: { kind: 'half-open', target }, weight: 1, lastsMs: [500, 12_000] },
  { blow: { kind: 'reset', target }, weight: 1.5, lastsMs: atOnce, amount: [1, 60] },
];

/** Workers and their runners die most often, as they do; brokers seldom, for they take everything with them. */
export const faultRules: readonly FaultRule[] = [
  ...ofPart('kill', {
    'worker-0': 5,
    'worker-1': 5,
    'scaled-worker': 4,
    runner: 8,
    'api-0': 4,
    'api-1': 4,
    redis: 3,
    rabbitmq: 3,
    scaler: 3,
    janitor: 3,
  }),
  ...ofPart('stop', {
    'worker-0': 2,
    'worker-1': 2,
    'api-0': 2,
    'api-1': 2,
    redis: 1,
    rabbitmq: 1,
    scaler: 1,
  }),
  ...freezes.map(([target, weight, lastsMs]): FaultRule => ({
    blow: { kind: 'freeze', target },
    weight,
    lastsMs,
  })),
  { blow: { kind: 'wipe', target: 'rabbitmq' }, weight: 2, lastsMs: [0, 2_000] },
  { blow: { kind: 'slow-disk', target: 'redis' }, weight: 3, lastsMs: [2_000, 8_000], amount: [5, 300] },
  { blow: { kind: 'slow-disk', target: 'rabbitmq' }, weight: 2, lastsMs: [2_000, 8_000], amount: [5, 300] },
  { blow: { kind: 'delete-queue', target: 'rabbitmq' }, weight: 2, lastsMs: atOnce },
  { blow: { kind: 'poison', target: 'rabbitmq' }, weight: 2, lastsMs: atOnce },
  ...linkNames.flatMap(ofLink),
];

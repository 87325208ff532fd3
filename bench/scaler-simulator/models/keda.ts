/**
 * KEDA's RabbitMQ scaler with the HorizontalPodAutoscaler it makes, as their documentation and sources tell (KEDA 2.21).
 * KEDA itself only goes from 0 to 1 and back to 0; all between is the HPA's.
 */
import { repeat } from '../world/virtual-clock.ts';
import type { World } from '../world/world.ts';
import type { Autoscaler } from './autoscaler.ts';

export interface KedaOptions {
  name: string;
  about: string;
  graceSeconds: number;
  /** `amqp` counts waiting messages only, `http` those being worked on too, from statistics that are up to 5 s old. */
  protocol: 'amqp' | 'http';
  pollingSeconds: number;
  stabilizationSeconds: number;
}

/** Messages a worker: one, as it runs one job. KEDA has 20 where nothing is said. */
const messagesPerWorker = 1;
const cooldownMs = 300_000;
const syncMs = 15_000;
const tolerance = 0.1;
/** RabbitMQ's collect_statistics_interval. */
const statisticsMs = 5_000;

const createMetric = ({ queue, clock, random }: World, { protocol }: KedaOptions): (() => number) => {
  if (protocol === 'amqp') return () => queue.ready();
  let messages = 0;
  repeat(clock, { firstMs: random.between(0, statisticsMs), everyMs: statisticsMs }, () => {
    messages = queue.ready() + queue.unacknowledged();
  });
  return () => messages;
};

/** The share that is off by less than the tolerance changes nothing. */
const recommended = (messages: number, current: number): number =>
  Math.abs(messages / (messagesPerWorker * current) - 1) <= tolerance
    ? current
    : Math.ceil(messages / messagesPerWorker);

/** Default policies for growing: 4 pods or 100 % in 15 s, whichever is more. */
const mostAfterGrowth = (current: number): number => Math.max(current + 4, current * 2);

const createHpa = (world: World, metric: () => number, { stabilizationSeconds }: KedaOptions) => {
  const { clock, replicaSet, scenario } = world;
  let history: { at: number; replicas: number }[] = [];

  const bounded = (replicas: number): number =>
    Math.min(scenario.maxWorkers, Math.max(1, scenario.minWorkers, replicas));

  return (): void => {
    const current = replicaSet.replicas();
    if (current === 0) return;
    const now = clock.now();
    const wanted = bounded(recommended(metric(), current));
    history = [
      ...history.filter(({ at }) => now - at < stabilizationSeconds * 1_000),
      { at: now, replicas: wanted },
    ];
    const highest = Math.max(...history.map(({ replicas }) => replicas));
    const next = wanted < current ? Math.min(current, highest) : Math.min(wanted, mostAfterGrowth(current));
    if (next !== current) replicaSet.scaleTo(next);
  };
};

const createActivation = ({ clock, replicaSet, scenario }: World, metric: () => number) => {
  let lastActiveMs = 0;
  return (): void => {
    const isActive = metric() > 0;
    if (isActive) lastActiveMs = clock.now();
    if (isActive && replicaSet.replicas() === 0) replicaSet.scaleTo(1);
    const isCold = clock.now() - lastActiveMs > cooldownMs;
    if (!isActive && isCold && scenario.minWorkers === 0 && replicaSet.replicas() > 0) replicaSet.scaleTo(0);
  };
};

const stepMs = 60_000;

const createKeda = (options: KedaOptions): Autoscaler => ({
  name: options.name,
  about: options.about,
  graceSeconds: options.graceSeconds,
  run: async (world) => {
    const { clock, random } = world;
    const metric = createMetric(world, options);
    const pollMs = options.pollingSeconds * 1_000;
    repeat(clock, { firstMs: random.between(0, pollMs), everyMs: pollMs }, createActivation(world, metric));
    repeat(clock, { firstMs: random.between(0, syncMs), everyMs: syncMs }, createHpa(world, metric, options));
    while (!world.isOver()) clock.advanceTo(clock.now() + stepMs);
  },
});

const tuned = { graceSeconds: 900, protocol: 'http', pollingSeconds: 5 } as const;
const defaults = { graceSeconds: 30, pollingSeconds: 30, stabilizationSeconds: 300 } as const;

export const kedaModels: readonly Autoscaler[] = [
  createKeda({
    ...defaults,
    name: 'KEDA, amqp',
    about: 'defaults, counts waiting messages only',
    protocol: 'amqp',
  }),
  createKeda({
    ...defaults,
    name: 'KEDA, http',
    about: 'defaults, counts messages being worked on too',
    protocol: 'http',
  }),
  createKeda({
    ...tuned,
    name: 'KEDA, tuned 60 s',
    about: 'http, polls every 5 s, stabilization 60 s, grace 900 s: more than any job takes',
    stabilizationSeconds: 60,
  }),
  createKeda({
    ...tuned,
    name: 'KEDA, tuned 15 s',
    about: 'the same with stabilization 15 s',
    stabilizationSeconds: 15,
  }),
];

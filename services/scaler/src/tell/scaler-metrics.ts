/** The scaler's metrics: their names, and how a pool's tick sets them. A number that is unknown is not exported at all. */
import type { Metrics } from '@factorial/core/ops/metrics';
import type { Gauge } from 'prom-client';
import type { Act } from '../act.ts';
import type { TickReport } from '../control-loop.ts';
import type { Decision, Plan } from '../decision/decision.ts';

const planGauges = {
  scaler_replicas_current: ['Workers there are', (plan: Plan) => plan.current],
  scaler_replicas_needed: [
    'Workers the work asks for, between minimum and maximum',
    (plan: Plan) => plan.needReplicas,
  ],
  scaler_ready_jobs: ['Jobs nobody works on', (plan: Plan) => plan.ready],
  scaler_inflight_jobs: ['Jobs being worked on', (plan: Plan) => plan.inflight],
  scaler_oldest_wait_seconds: ['Age of the oldest waiting job', (plan: Plan) => plan.oldestWaitSeconds],
  scaler_service_seconds: ['Mean time a job takes', (plan: Plan) => plan.serviceSeconds],
  scaler_cold_start_seconds: [
    'Mean time a new worker takes until it serves',
    (plan: Plan) => plan.coldStartSeconds,
  ],
  scaler_arrivals_per_second: ['Moving average of arriving jobs', (plan: Plan) => plan.arrivalsPerSecond],
} as const satisfies Record<string, readonly [string, (plan: Plan) => number | undefined]>;

export interface PoolMetrics {
  tell: (report: TickReport) => void;
  /** Somebody else decides from now on: takes back what would be old numbers. */
  forget: () => void;
  /** A worker process ended unasked. */
  workerExited: () => void;
  tickFailed: () => void;
}

export interface ScalerMetrics {
  /** The part of one pool, under its label. */
  forPool: (pool: string) => PoolMetrics;
}

/** Workers by what they are to the target; the two that not every target can tell are left out where it cannot. */
const workerStates = ['starting', 'failing', 'unschedulable', 'terminating'] as const;

const createCounters = (metrics: Metrics) => {
  const counter = (name: string, help: string, ...labels: string[]) =>
    metrics.counter({ name: `scaler_${name}_total`, help, labelNames: ['pool', ...labels] });
  return {
    scaled: counter('scale', 'Steps taken', 'direction', 'reason'),
    refused: counter('refused', 'Steps decided and not taken'),
    held: counter('hold', 'Ticks on which nothing was touched', 'reason'),
    restricted: counter('restricted', 'Ticks on which something kept it from the number needed', 'reason'),
    wrongVictims: counter('wrong_victims', 'Workers that went though another was chosen'),
    workerExits: counter('worker_exits', 'Local workers that ended unasked'),
    failedTicks: counter('tick_failures', 'Ticks that ended in a fault of the scaler'),
  };
};

const createGauges = (metrics: Metrics) => {
  const gauge = (name: string, help: string, ...labels: string[]) =>
    metrics.gauge({ name, help, labelNames: ['pool', ...labels] });
  return {
    desired: gauge('scaler_replicas_desired', 'Workers decided for'),
    workers: gauge('scaler_workers', 'Workers that do not serve, by why', 'state'),
    sourceUp: gauge('scaler_source_up', 'Whether a source could be read', 'source'),
    sourceAge: gauge('scaler_source_age_seconds', 'Age of the last good reading', 'source'),
    dryRun: gauge('scaler_dry_run', '1 when it decides and touches nothing'),
    plan: Object.entries(planGauges).map(([name, [help, value]]) => ({ gauge: gauge(name, help), value })),
  };
};

type Gauges = ReturnType<typeof createGauges>;
type Counters = ReturnType<typeof createCounters>;

const setOrRemove = (gauge: Gauge, pool: string, value: number | undefined): void => {
  if (value === undefined) gauge.remove({ pool });
  else gauge.set({ pool }, value);
};

const sources = ['queue', 'pool', 'target'] as const;

const tellSources = (
  gauges: Gauges,
  lastGood: Map<string, number>,
  { pool, report }: { pool: string; report: TickReport },
) => {
  for (const source of sources) {
    const reading = report.readings[source];
    gauges.sourceUp.set({ pool, source }, reading.ok ? 1 : 0);
    if (reading.ok) lastGood.set(source, reading.at);
    const at = lastGood.get(source);
    if (at !== undefined) gauges.sourceAge.set({ pool, source }, Math.max(0, report.at - at) / 1_000);
  }
};

const countDecision = ({ held, restricted }: Counters, pool: string, decision: Decision): void => {
  if (decision.kind === 'hold') held.inc({ pool, reason: decision.reason });
  else if (decision.restricted) restricted.inc({ pool, reason: decision.restricted });
};

const countAct = (
  counters: Counters,
  pool: string,
  { act, decision }: { act: Act; decision: Decision },
): void => {
  if (act.did === 'refused') counters.refused.inc({ pool });
  if (act.did !== 'scaled') return;
  counters.scaled.inc({ pool, direction: act.to > act.from ? 'up' : 'down', reason: decision.reason });
  counters.wrongVictims.inc({ pool }, act.wrongVictims.length);
};

const createInstruments = (metrics: Metrics) => ({
  counters: createCounters(metrics),
  gauges: createGauges(metrics),
  ticks: metrics.histogram({
    name: 'scaler_tick_seconds',
    help: 'Time a tick takes',
    labelNames: ['pool'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10],
  }),
});

/** What the last tick knew. */
const tellNow = (gauges: Gauges, pool: string, report: Partial<TickReport>): void => {
  const { plan, decision, readings } = report;
  for (const { gauge, value } of gauges.plan) setOrRemove(gauge, pool, plan && value(plan));
  setOrRemove(gauges.desired, pool, decision?.kind === 'scale' ? decision.replicas : undefined);
  for (const state of workerStates) {
    const count = readings?.target.ok ? readings.target.value[state] : undefined;
    if (count === undefined) gauges.workers.remove({ pool, state });
    else gauges.workers.set({ pool, state }, count);
  }
};

const forgetSources = (gauges: Gauges, lastGood: Map<string, number>, pool: string): void => {
  lastGood.clear();
  for (const source of sources) {
    gauges.sourceUp.remove({ pool, source });
    gauges.sourceAge.remove({ pool, source });
  }
};

export interface ScalerMetricsOptions {
  dryRun: boolean;
  /** Whether this process may act now. */
  leads: () => boolean;
}

export const createScalerMetrics = (
  metrics: Metrics,
  { dryRun, leads }: ScalerMetricsOptions,
): ScalerMetrics => {
  const { counters, gauges, ticks } = createInstruments(metrics);
  metrics.gauge({
    name: 'scaler_leader',
    help: '1 where this scaler is the one that acts',
    collect() {
      this.set(leads() ? 1 : 0);
    },
  });
  return {
    forPool: (pool) => {
      const lastGood = new Map<string, number>();
      gauges.dryRun.set({ pool }, dryRun ? 1 : 0);
      return {
        tell: (report) => {
          tellNow(gauges, pool, report);
          tellSources(gauges, lastGood, { pool, report });
          countDecision(counters, pool, report.decision);
          countAct(counters, pool, report);
          ticks.observe({ pool }, report.tickMs / 1_000);
        },
        forget: () => {
          tellNow(gauges, pool, {});
          forgetSources(gauges, lastGood, pool);
        },
        workerExited: () => counters.workerExits.inc({ pool }),
        tickFailed: () => counters.failedTicks.inc({ pool }),
      };
    },
  };
};

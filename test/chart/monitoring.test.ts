/** Alerts and the dashboard ask for metrics by name: each has to be one that a service tells. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics } from '@factorial/core/ops/metrics';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ensureHelm } from '../../dev/helm/ensure-helm.ts';
import { registerGauges } from '../../services/api/src/gauges.ts';
import { createApiMetrics } from '../../services/api/src/metrics.ts';
import { createScalerMetrics } from '../../services/scaler/src/tell/scaler-metrics.ts';
import { createWorkerMetrics } from '../../services/worker/src/worker-metrics.ts';
import { chartDir, ofKind, podsOf, render, theOnly } from './rendered-chart.ts';

beforeAll(async () => {
  await ensureHelm();
}, 900_000);

const exposed = async (): Promise<Set<string>> => {
  const metrics = createMetrics('test');
  createApiMetrics(metrics);
  registerGauges(metrics, {
    dueJobs: async () => Promise.resolve(0),
    pools: async () => Promise.resolve([]),
    waiting: async () => Promise.resolve(0),
    paused: async () => Promise.resolve(false),
    deadLetters: async () => Promise.resolve(0),
    longPolls: () => 0,
    openStreams: () => 0,
    brokerReady: () => true,
    clusterKeysAgeMs: () => 0,
  });
  createWorkerMetrics(metrics, () => 0);
  createScalerMetrics(metrics, { dryRun: false, leads: () => true });
  const { body } = await metrics.expose();
  const kinds = [...body.matchAll(/^# TYPE (\w+) (\w+)$/gm)];
  return new Set(
    kinds.flatMap(([, name = '', kind]) =>
      kind === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
};

const asked = (text: string): Set<string> =>
  new Set([...text.matchAll(/\b(?:factorial|process|nodejs)_\w+(?=\{|[[)])/g)].map(([name]) => name));

const ruleSchema = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.object({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.object({ summary: z.string(), description: z.string() }),
});
const rulesSchema = z.object({
  groups: z.tuple([z.object({ name: z.string(), rules: z.array(ruleSchema) })]),
});

const renderedRules = async (...set: string[]) => {
  const objects = await render({ set: ['metrics.prometheusRule.enabled=true', ...set] });
  return rulesSchema.parse(theOnly(ofKind(objects, 'PrometheusRule')).spec).groups[0].rules;
};

test('alerts ask for metrics that there are, in the namespace of the release', async () => {
  const rules = await renderedRules();
  const known = await exposed();
  for (const { expr } of rules) {
    for (const name of asked(expr)) expect(known).toContain(name);
    expect(expr).toContain('{namespace="jobs"');
    expect(expr).not.toMatch(/\{\s|\s,/);
  }
  expect(rules.map(({ alert }) => alert)).toEqual([
    'FactorialApiDown',
    'FactorialBrokerUnavailable',
    'FactorialStoreUnavailable',
    'FactorialRequestsFail',
    'FactorialDeadLetters',
    'FactorialPoolPaused',
    'FactorialJobsWaitLong',
    'FactorialScalerLeaderless',
    'FactorialScalerSourceDown',
    'FactorialCapacityReached',
    'FactorialWrongVictims',
    'FactorialRabbitmqAlarm',
  ]);
});

test.each(['scaler', 'none'])(
  'a pause that was forgotten is an alert of its own, as it silences the one on long waits, in mode %s',
  async (mode) => {
    const rules = await renderedRules(`autoscaling.mode=${mode}`);
    const paused = 'max by (pool) (factorial_pool_paused{namespace="jobs"}) == 1';
    const silenced = rules.filter(({ expr }) => expr.includes(`unless ${paused}`));
    expect(silenced.map(({ alert }) => alert)).toEqual(mode === 'none' ? [] : ['FactorialJobsWaitLong']);
    const told = rules.find(({ alert }) => alert === 'FactorialPoolPaused');
    expect(told).toMatchObject({ expr: paused, for: '1h', labels: { severity: 'warning' } });
    expect(told?.annotations.description).toMatch(
      /queue time limit.*POST \/v1\/pools\/\{\{ \$labels\.pool \}\}\/resume/,
    );
  },
);

test('without the scaler and a RabbitMQ of its own nothing is asked of them', async () => {
  const files = [join(chartDir, 'ci/external-tls-values.yaml')];
  const set = ['metrics.prometheusRule.enabled=true', 'autoscaling.mode=none'];
  const rule = JSON.stringify(ofKind(await render({ files, set }), 'PrometheusRule'));
  expect(rule).not.toMatch(/factorial_scaler|rabbitmq_/);
});

test('the dashboard asks for metrics that there are', async () => {
  const names = asked(readFileSync(join(chartDir, 'files/dashboard.json'), 'utf8'));
  expect(names.size).toBeGreaterThan(15);
  const known = await exposed();
  for (const name of names) expect(known).toContain(name);
});

test('the dashboard is in a ConfigMap that Grafana finds', async () => {
  const objects = await render({ set: ['metrics.grafanaDashboard.enabled=true'] });
  const dashboard = objects.find(({ metadata }) => metadata.name === 'factorial-dashboard');
  expect(dashboard?.metadata.labels).toMatchObject({ grafana_dashboard: '1' });
  const { 'factorial.json': json = '' } = z.record(z.string(), z.string()).parse(dashboard?.['data']);
  expect(JSON.parse(json)).toMatchObject({ title: 'factorial' });
});

test('monitors name ports that pods have', async () => {
  const monitored = z.looseObject({ podMetricsEndpoints: z.array(z.looseObject({ port: z.string() })) });
  const objects = await render({ set: ['metrics.podMonitor.enabled=true'] });
  const ports = Object.values(podsOf(objects)).flatMap(({ spec }) =>
    spec.containers.flatMap((container) => container.ports.map(({ name }) => name)),
  );
  for (const { port } of monitored.parse(theOnly(ofKind(objects, 'PodMonitor')).spec).podMetricsEndpoints) {
    expect(ports).toContain(port);
  }
});

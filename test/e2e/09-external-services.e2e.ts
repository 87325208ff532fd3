/** The chart with RabbitMQ and Redis of somebody else's, over TLS; and every example of values against the API server's own checks. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { submitNaps } from './cluster/naps.ts';
import { type OutsideServices, startOutsideServices } from './cluster/outside-services.ts';
import {
  chart,
  connect,
  ensureRelease,
  helm,
  namespace,
  prepareNamespace,
  releaseName,
  upgradeRelease,
} from './cluster/release.ts';

let outside: OutsideServices;
beforeAll(async () => {
  outside = await startOutsideServices();
});
afterAll(async () => {
  const { kubectl } = await ensureRelease('naps');
  await kubectl.run(['delete', 'secret', 'outside', '--ignore-not-found']);
  await outside.remove();
});

test('serves with an amqps broker, an https management API and a rediss store outside of the chart', async () => {
  const { kubectl } = await ensureRelease('naps');
  await kubectl.apply(...outside.objects);
  await upgradeRelease('naps', outside.values);
  for (const name of ['api', 'scaler', 'worker-factorial']) {
    await kubectl.run(['rollout', 'status', `deployment/${releaseName}-${name}`, '--timeout=180s'], {
      timeoutMs: 190_000,
    });
  }
  const { client } = await connect(kubectl);
  // For a moment the api from before still answers, which has lost its broker.
  const [id = ''] = await waitUntil(async () => submitNaps(client, { count: 1, seconds: 0 }), {
    timeoutMs: 60_000,
    pollMs: 1_000,
    what: 'the api with the new brokers takes a job',
  });
  // A new store knows no task of a pool that sleeps: the scaler, if it can read all it needs, starts a worker that tells.
  const woken = await waitUntil(async () => submitNaps(client, { count: 1, seconds: 0, task: 'rare-nap' }), {
    timeoutMs: 60_000,
    pollMs: 1_000,
    what: 'the sleeping pool is known',
  });
  expect((await client.waitUntilFinal(id)).status).toBe('done');
  expect((await client.waitUntilFinal(woken[0] ?? '')).status).toBe('done');
});

/** Kinds of operators that a plain cluster does not know. */
const foreign = new Set([
  'HTTPRoute',
  'PodMonitor',
  'ServiceMonitor',
  'PrometheusRule',
  'ScaledObject',
  'TriggerAuthentication',
]);

describe('values of', () => {
  const files = readdirSync(join(chart, 'ci')).filter((name) => name.endsWith('-values.yaml'));
  test.each(files)('%s are objects that the API server takes', async (file) => {
    const kubectl = await prepareNamespace(namespace);
    const { stdout } = await helm(['template', 'dry', chart, '--values', join(chart, 'ci', file)]);
    const objects = parseAllDocuments(stdout)
      .map((document): unknown => document.toJS())
      .filter((object): object is { kind: string } => typeof object === 'object' && object !== null)
      .filter(({ kind }) => !foreign.has(kind));
    expect(objects.length).toBeGreaterThan(5);
    await kubectl.run(['apply', '--dry-run=server', '--filename', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    });
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHttpServer, type TestHttpServer } from './testing/http-server.ts';
import { makeDeploymentBody, makePodBody, makeScaleBody } from './testing/make-pods.ts';
import { makeReadings } from './testing/make-readings.ts';
import { startScaler, type ScalerProcess } from './testing/scaler-process.ts';

const deployment = '/apis/apps/v1/namespaces/ns/deployments/work';
const lease = '/apis/coordination.k8s.io/v1/namespaces/ns/leases/scaler';
const timeoutMs = 10_000;
let folder: string;
let server: TestHttpServer;
let holder: string;
let scaler: ScalerProcess | undefined;

const leaseBody = () => ({
  metadata: { resourceVersion: '7' },
  spec: holder ? { holderIdentity: holder, leaseDurationSeconds: 15 } : {},
});

const { pool } = makeReadings({ ready: 20, workers: [] });

/** RabbitMQ, the api and Kubernetes in one, by path. */
const bodies: Record<string, () => unknown> = {
  '/api/queues/%2F/factorial_process': () => ({ messages_ready: 20, messages_unacknowledged: 0 }),
  '/internal/v1/pools/factorial': () => (pool.ok ? pool.value : {}),
  [`${deployment}/scale`]: () => makeScaleBody(1),
  [deployment]: () => makeDeploymentBody(),
  '/api/v1/namespaces/ns/pods': () => ({ metadata: {}, items: [makePodBody('a')] }),
  '/api/v1/namespaces/ns/events': () => ({ metadata: { name: 'work.1' } }),
  [lease]: leaseBody,
};

const answer: RequestListener = (request, response) => {
  const [address = ''] = (request.url ?? '').split('?');
  response.end(JSON.stringify(bodies[address]?.() ?? {}));
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'scaler-kubernetes-'));
  await writeFile(path.join(folder, 'token'), 'token');
  server = await startHttpServer(answer);
  holder = '';
});
afterEach(async () => {
  scaler?.clear();
  await server.close();
  await rm(folder, { recursive: true });
});

const run = (over: Record<string, string> = {}): ScalerProcess => {
  const token = path.join(folder, 'token');
  scaler = startScaler({
    RABBITMQ_MANAGEMENT_URL: server.url,
    INTERNAL_URL: server.url,
    INTERNAL_TOKEN_FILE: token,
    TARGET: 'kubernetes',
    POOLS: '[{"name":"factorial","deployment":"work","maxWorkers":3}]',
    NAMESPACE: 'ns',
    LEASE_NAME: 'scaler',
    POD_NAME: 'one',
    KUBERNETES_API_URL: server.url,
    KUBERNETES_TOKEN_FILE: token,
    KUBERNETES_CA_FILE: token,
    ...over,
  });
  return scaler;
};

const asked = async (line: string) => waitUntil(() => server.asked.includes(line), { what: line, timeoutMs });

const ready = async (url: string) =>
  waitUntil(async () => (await fetch(`${url}/readyz`)).ok, { what: 'it is ready', timeoutMs });

describe('the scaler on Kubernetes', () => {
  it('takes the lease, scales the Deployment, tells of it, and gives the lease back', async () => {
    const { url, child, ended } = run();
    const ops = await url();
    await asked(`PATCH ${deployment}/scale`);
    await asked('POST /api/v1/namespaces/ns/events');
    await asked('POST /internal/v1/pools/factorial/scaler');
    await ready(ops);
    const settings = { maxWorkers: 3 };
    const status = { leader: true, identity: 'one', pools: { factorial: { settings } } };
    expect(await (await fetch(`${ops}/status`)).json()).toMatchObject(status);
    expect(server.asked.indexOf(`PATCH ${lease}`)).toBeLessThan(
      server.asked.indexOf(`PATCH ${deployment}/scale`),
    );
    child.kill('SIGTERM');
    await ended;
    expect(child.exitCode).toBe(0);
  });

  it('is ready and touches nothing while another holds the lease', async () => {
    holder = 'two';
    const { url } = run();
    const ops = await url();
    await ready(ops);
    expect(await (await fetch(`${ops}/status`)).json()).toMatchObject({ leader: false, identity: 'one' });
    expect(await (await fetch(`${ops}/metrics`)).text()).toContain('scaler_leader{service="scaler"} 0');
    expect(server.asked.every((line) => line === `GET ${lease}`)).toBe(true);
  });

  it('decides and touches nothing, the lease included, in a dry run', async () => {
    const { url } = run({ DRY_RUN: 'true' });
    const ops = await url();
    const status = async () => (await fetch(`${ops}/status`)).text();
    await waitUntil(async () => (await status()).includes('"did":"dry-run","to":3'), {
      what: 'it has decided',
      timeoutMs,
    });
    const readings = () => server.asked.filter((line) => line === 'GET /internal/v1/pools/factorial').length;
    const before = readings();
    // What a tick tells has arrived by the time that the next one reads.
    await waitUntil(() => readings() > before, { what: 'it ticks again', timeoutMs });
    expect(server.asked.filter((line) => !line.startsWith('GET'))).toEqual([]);
    expect(server.asked).not.toContain(`GET ${lease}`);
  });
});

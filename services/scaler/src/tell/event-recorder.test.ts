import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createKubernetesClient, type KubernetesClient } from '@factorial/core/kubernetes/kubernetes-client';
import { createFakeClock } from '@factorial/core/testing/fake-clock';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startHttpServer, type TestHttpServer } from '../testing/http-server.ts';
import { createEventRecorder } from './event-recorder.ts';

let folder: string;
let server: TestHttpServer;
let client: KubernetesClient;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'events-'));
  await writeFile(path.join(folder, 'token'), 'token');
});
afterEach(async () => {
  await client.close();
  await server.close();
});
afterAll(async () => rm(folder, { recursive: true }));

const accepts: RequestListener = (_, response) =>
  response.writeHead(201).end(JSON.stringify({ metadata: { name: 'work.1' } }));

const setUp = async (answer = accepts) => {
  server = await startHttpServer(answer);
  client = createKubernetesClient({ url: server.url, tokenFile: path.join(folder, 'token') });
  const clock = createFakeClock();
  const about = { client, namespace: 'ns', deployment: 'work', identity: 'one', now: () => clock.now() };
  return { clock, recorder: createEventRecorder({ ...about, uid: () => 'uid-1' }) };
};

const event = (message: string) => ({ type: 'Normal', reason: 'ScaledUp', message }) as const;
const create = 'POST /api/v1/namespaces/ns/events';
const countUp = 'PATCH /api/v1/namespaces/ns/events/work.1';

it('counts up the same one within 10 minutes, and writes another one anew', async () => {
  const { recorder, clock } = await setUp();
  await recorder.record(event('1 to 2'));
  await recorder.record(event('1 to 2'));
  await recorder.record(event('2 to 3'));
  clock.advance(600_000);
  await recorder.record(event('1 to 2'));
  expect(server.asked).toEqual([create, countUp, create, create]);
});

it('writes the same one anew when the API server has forgotten it', async () => {
  const { recorder } = await setUp((request, response) => {
    if (request.method === 'PATCH') response.writeHead(404).end('{}');
    else accepts(request, response);
  });
  await recorder.record(event('1 to 2'));
  await recorder.record(event('1 to 2'));
  expect(server.asked).toEqual([create, countUp, create]);
});

it('writes ten in a row, and one every 10 s after that', async () => {
  const { recorder, clock } = await setUp();
  for (let serial = 0; serial < 30; serial += 1) await recorder.record(event(`${serial}`));
  expect(server.asked).toHaveLength(10);
  clock.advance(20_000);
  for (let serial = 30; serial < 40; serial += 1) await recorder.record(event(`${serial}`));
  expect(server.asked).toHaveLength(12);
});

it('goes on when the API server refuses', async () => {
  const { recorder } = await setUp((_, response) => response.writeHead(403).end('{}'));
  await recorder.record(event('1 to 2'));
  await recorder.record(event('1 to 2'));
  expect(server.asked).toEqual([create, create]);
});

it('writes nothing before it knows what it is about', async () => {
  server = await startHttpServer(accepts);
  client = createKubernetesClient({ url: server.url, tokenFile: path.join(folder, 'token') });
  const about = { client, namespace: 'ns', deployment: 'work', identity: 'one', now: Date.now };
  await createEventRecorder({ ...about, uid: () => undefined }).record(event('1 to 2'));
  expect(server.asked).toEqual([]);
});

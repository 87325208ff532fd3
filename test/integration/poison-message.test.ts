import { queueName } from '@factorial/core/queue/topology';
import { sendRaw } from '@factorial/core/testing/test-rabbit';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { createSystemClient, type SystemClient } from '../client/system-client.ts';

let system: System;
let client: SystemClient;
let admin: SystemClient;
beforeAll(async () => {
  system = await startSystem({ workers: 1 });
  client = createSystemClient(system);
  admin = createSystemClient(system, system.adminToken);
});
afterAll(async () => system.stop());

const pool = 'factorial';
const poison = ['no JSON at all', '{"request_id":7}', '{"version":2,"request_id":"a"}'];
const pageSchema = z.object({
  deadLetters: z.array(z.object({ reason: z.string(), preview: z.string() })),
});

const listed = async () =>
  pageSchema.parse(JSON.parse((await admin.call('/v1/dead-letters')).text)).deadLetters;
const allListed = async () =>
  waitUntil(
    async () => {
      const letters = await listed();
      return letters.length === poison.length ? letters : undefined;
    },
    { what: 'all are among the dead letters' },
  );

test('poison messages are set aside at once with their reasons, hold up no job, and can be redriven and purged', async () => {
  await sendRaw(system.amqpUrl, queueName(pool), poison);
  const began = performance.now();
  const good = await client.submit({ n: 100, wait: 20 });
  console.info(
    `the job behind ${poison.length} poison messages: ${Math.round(performance.now() - began)} ms`,
  );
  expect(client.parseJob(good)).toMatchObject({ status: 'done', attempt: 1 });
  const letters = await allListed();
  expect(new Map(letters.map(({ preview, reason }) => [preview, reason]))).toEqual(
    new Map([
      ['no JSON at all', 'not_json'],
      ['{"request_id":7}', 'wrong_schema'],
      ['{"version":2,"request_id":"a"}', 'unknown_version'],
    ]),
  );

  // What has not changed dies again.
  const redriven = await admin.post('/v1/dead-letters/redrive', { all: true });
  expect(JSON.parse(redriven.text)).toMatchObject({ redriven: poison.length, left: [] });
  expect((await allListed()).map(({ reason }) => reason).toSorted()).toEqual([
    'not_json',
    'unknown_version',
    'wrong_schema',
  ]);
  const purged = await admin.post('/v1/dead-letters/purge', { all: true, pool });
  expect(JSON.parse(purged.text)).toEqual({ purged: poison.length });
  expect(await listed()).toEqual([]);
}, 120_000);

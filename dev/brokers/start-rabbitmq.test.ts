import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startedAt } from '../programs/process-identity.ts';
import { ensureBrokers } from './ensure-brokers.ts';
import { type RabbitmqBroker, startRabbitmq } from './start-rabbitmq.ts';

let dataDir: string;
let rabbitmq: RabbitmqBroker;

const start = async (): Promise<RabbitmqBroker> => {
  const { rabbitmq: source } = await ensureBrokers(process.env);
  return startRabbitmq({ source, dataDir });
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'factorial-rabbitmq-'));
  rabbitmq = await start();
}, 120_000);

afterAll(async () => {
  await rabbitmq.kill();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
});

const environmentOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
};

/** Every process of this broker, port mapper and shells included, has its data directory as HOME. */
const processesOfBroker = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && startedAt(Number(name)) !== undefined)
    .filter((pid) => environmentOf(pid).includes(`HOME=${dataDir}\0`));

const callManagement = async (url: string, path: string, init: RequestInit = {}): Promise<Response> => {
  const { username, password, origin } = new URL(url);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return fetch(new URL(path, origin), {
    ...init,
    headers: { authorization, 'content-type': 'application/json' },
  });
};

/** The addresses, as the kernel writes them, on which somebody listens at one of the ports. */
const listeningAddresses = (ports: readonly number[]): string[] => {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  return lines.flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    return state === '0A' && ports.includes(Number.parseInt(port, 16)) ? [address] : [];
  });
};

const identityPorts = (): number[] => {
  const identity: unknown = JSON.parse(readFileSync(join(dataDir, 'identity.json'), 'utf8'));
  return Object.values(z.object({ ports: z.record(z.string(), z.number()) }).parse(identity).ports);
};

it('knows no guest', async () => {
  const guest = new URL(rabbitmq.managementUrl);
  guest.username = 'guest';
  guest.password = 'guest';
  expect((await callManagement(guest.href, '/api/overview')).status).toBe(401);
});

it('listens on loopback only, at all four of its ports', () => {
  const loopback = new Set(['0100007F', '00000000000000000000000001000000']);
  const addresses = listeningAddresses(identityPorts());
  expect(addresses.length).toBeGreaterThanOrEqual(4);
  expect(addresses.filter((address) => !loopback.has(address))).toEqual([]);
});

it('has its queues, at the same URLs, when it is started again after a kill, and leaves no process when it is stopped', async () => {
  const quorum = { durable: true, arguments: { 'x-queue-type': 'quorum' } };
  const queue = '/api/queues/%2F/kept';
  const put = { method: 'PUT', body: JSON.stringify(quorum) };
  expect((await callManagement(rabbitmq.managementUrl, queue, put)).status).toBe(201);
  expect(processesOfBroker().length).toBeGreaterThan(2);
  await rabbitmq.kill();
  await expect.poll(processesOfBroker, { timeout: 5_000 }).toEqual([]);

  const { url, managementUrl } = rabbitmq;
  rabbitmq = await start();
  expect([rabbitmq.url, rabbitmq.managementUrl]).toEqual([url, managementUrl]);
  expect((await callManagement(managementUrl, queue)).status).toBe(200);
  await rabbitmq.stop();
  await expect.poll(processesOfBroker, { timeout: 5_000 }).toEqual([]);
}, 120_000);

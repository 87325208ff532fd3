/**
 * `make failover`: how many accepted jobs a failover of Redis loses, by how durable it is asked to be. Prints tables and
 * writes `.local/failover.json`. Takes some 8 minutes.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureBrokers } from '../../dev/brokers/ensure-brokers.ts';
import { startRabbitmq } from '../../dev/brokers/start-rabbitmq.ts';
import { type Failover, measureFailover } from '../../test/ha/measure-failover.ts';
import {
  freezePrimary,
  killPrimary,
  partitionPrimary,
  startRedisSystem,
} from '../../test/ha/redis-system.ts';
import { percentile } from '../percentile.ts';
import { formatTable } from '../format-table.ts';
import { measureWaitingCost, type WaitingCost } from './waiting-cost.ts';

const minReplicas = ['min-replicas-to-write 1', 'min-replicas-max-lag 3'];

const durabilities = [
  { name: 'none', waitReplicas: 0, settings: [] },
  { name: 'min-replicas-to-write 1', waitReplicas: 0, settings: minReplicas },
  { name: 'REDIS_WAIT_REPLICAS=1', waitReplicas: 1, settings: [] },
  { name: 'both', waitReplicas: 1, settings: minReplicas },
];

const losses = [
  { name: 'kill -9', happen: killPrimary, times: 3 },
  { name: 'frozen', happen: freezePrimary, times: 1 },
  { name: 'partition of 8 s, api with the old primary', happen: partitionPrimary, times: 1 },
];

interface Row {
  durability: string;
  loss: string;
  failovers: number;
  accepted: number;
  lost: number;
  mostLost: number;
  gapP50Seconds: number;
  gapMaxSeconds: number;
  submitP50Ms: number;
  submitP99Ms: number;
  answers: Record<string, number>;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const summarise = (durability: string, loss: string, failovers: readonly Failover[]): Row => {
  const tookMs = failovers.flatMap(({ ledger }) => ledger.tookMs);
  const gaps = failovers.map(({ gapSeconds }) => gapSeconds);
  const statuses = failovers.flatMap(({ ledger }) => [...ledger.answers]);
  const answers: Record<string, number> = {};
  for (const [status, count] of statuses) answers[status] = (answers[status] ?? 0) + count;
  return {
    durability,
    loss,
    failovers: failovers.length,
    accepted: sum(failovers.map(({ ledger }) => ledger.accepted.size)),
    lost: sum(failovers.map(({ lost }) => lost.length)),
    mostLost: Math.max(...failovers.map(({ lost }) => lost.length)),
    gapP50Seconds: percentile(gaps, 0.5),
    gapMaxSeconds: Math.max(...gaps),
    submitP50Ms: percentile(tookMs, 0.5),
    submitP99Ms: percentile(tookMs, 0.99),
    answers,
  };
};

const rowsOf = (rows: readonly Row[]): string[][] => [
  [
    'durability',
    'primary',
    'failovers',
    'accepted',
    'lost',
    'most at once',
    'nothing accepted (p50, max)',
    'submit p50, p99',
  ],
  ...rows.map((row) => [
    row.durability,
    row.loss,
    String(row.failovers),
    String(row.accepted),
    String(row.lost),
    String(row.mostLost),
    `${row.gapP50Seconds.toFixed(1)} s, ${row.gapMaxSeconds.toFixed(1)} s`,
    `${row.submitP50Ms.toFixed(0)} ms, ${row.submitP99Ms.toFixed(0)} ms`,
  ]),
];

const costRowsOf = (costs: readonly WaitingCost[]): string[][] => [
  ['REDIS_WAIT_REPLICAS', 'accepted/s', 'share', 'p50, p99'],
  ...costs.map((cost) => [
    String(cost.waitReplicas),
    cost.acceptsPerSecond.toFixed(0),
    `${((100 * cost.acceptsPerSecond) / (costs[0]?.acceptsPerSecond ?? 1)).toFixed(0)} %`,
    `${cost.p50Ms.toFixed(1)} ms, ${cost.p99Ms.toFixed(1)} ms`,
  ]),
];

const costs = await measureWaitingCost();
console.log(`\nAccepting while nothing is wrong, 32 at a time\n\n${formatTable(costRowsOf(costs))}\n`);

const dir = await mkdtemp(join(tmpdir(), 'factorial-failover-'));
const { rabbitmq: source } = await ensureBrokers(process.env);
const broker = await startRabbitmq({ source, dataDir: join(dir, 'rabbitmq') });
const rabbitmq = { amqpUrl: broker.url, managementUrl: broker.managementUrl };
const rows: Row[] = [];
try {
  for (const { name, ...durability } of durabilities) {
    const redisSystem = await startRedisSystem({ ...durability, rabbitmq });
    try {
      for (const { name: loss, happen, times } of losses) {
        const failovers: Failover[] = [];
        while (failovers.length < times) failovers.push(await measureFailover(redisSystem, happen));
        const row = summarise(name, loss, failovers);
        rows.push(row);
        console.log(
          `${name}, ${loss}: ${row.lost} of ${row.accepted} lost, answers ${JSON.stringify(row.answers)}`,
        );
      }
    } finally {
      await redisSystem.stop();
    }
  }
} finally {
  await broker.kill();
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}

console.log(`\nFailovers of Redis under load\n\n${formatTable(rowsOf(rows))}`);
const localDir = resolve(import.meta.dirname, '../../.local');
await mkdir(localDir, { recursive: true });
const file = join(localDir, 'failover.json');
await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), rows, costs }, undefined, 2)}\n`);
console.log(`\nwritten to ${file}`);

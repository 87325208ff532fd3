import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createManagementApi } from '@factorial/core/testing/management-api';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { percentile } from '../../bench/percentile.ts';
import { ensureBrokers } from '../../dev/brokers/ensure-brokers.ts';
import {
  type RabbitmqCluster,
  type RabbitmqNode,
  startRabbitmqCluster,
} from '../../dev/brokers/start-rabbitmq-cluster.ts';
import { startRedis } from '../../dev/brokers/start-redis.ts';
import { unmanaged } from '../../dev/system/restartable.ts';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import type { OtherBrokers } from '../../dev/system/system-brokers.ts';
import { createSystemClient } from '../client/system-client.ts';
import { longestGapSeconds, startTimedLoad } from './timed-load.ts';

/** `LEADER_KILLS=20 npm test -- test/ha/rabbitmq-leader-loss.test.ts` for the long run. */
const kills = Number(process.env['LEADER_KILLS'] ?? 2);

let cluster: RabbitmqCluster | undefined;
let system: System;

const startBrokers = async (dir: string): Promise<OtherBrokers> => {
  const sources = await ensureBrokers(process.env);
  const started = await startRabbitmqCluster(dir);
  cluster = started;
  await mkdir(join(dir, 'redis'));
  const broker = await startRedis({ source: sources.redis, dataDir: join(dir, 'redis') });
  return {
    redis: { ...unmanaged, kill: async () => broker.kill() },
    rabbitmq: { ...unmanaged, kill: async () => started.kill() },
    redisUrl: broker.url,
    amqpUrl: started.amqpUrls(),
    managementUrl: started.managementUrls(),
  };
};

beforeAll(async () => {
  system = await startSystem({ workers: 2, brokers: startBrokers, logLevel: 'error' });
}, 120_000);
afterAll(async () => system.stop());

const queueSchema = z.object({
  leader: z.string(),
  members: z.array(z.string()),
  online: z.array(z.string()),
});

/** As this node sees it; undefined while it cannot tell. */
const describeQueue = async (node: RabbitmqNode) => {
  const management = createManagementApi(node.managementUrl(), 3_000);
  const view = await management.get('queues/%2F/factorial_process').catch(() => undefined);
  return queueSchema.safeParse(view).data;
};

/** The node that leads the queue, when all three hold it and are there. */
const findLeader = async (nodes: readonly RabbitmqNode[]): Promise<RabbitmqNode> => {
  let leader: RabbitmqNode | undefined;
  const isWhole = async (): Promise<boolean> => {
    const views = await Promise.all(nodes.map(describeQueue));
    leader = nodes.find(({ name }) => views.every((view) => view?.leader === name));
    return leader !== undefined && views.every((view) => view?.online.length === nodes.length);
  };
  await waitUntil(isWhole, { timeoutMs: 60_000, what: 'the three nodes agree on a leader' });
  if (!leader) throw new Error('the queue has no leader');
  return leader;
};

test(
  'no accepted job is lost when the node that leads the queue is killed again and again',
  { timeout: 120_000 + kills * 60_000 },
  async () => {
    const nodes = cluster?.nodes ?? [];
    const client = createSystemClient(system);
    await client.accepted({ n: 10, wait: 30 });
    const load = startTimedLoad({ target: system, work: { n: 100 }, clients: 4, paceMs: 20 });
    const gaps: number[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const leader = await findLeader(nodes);
      const killedAtMs = performance.now();
      await leader.kill();
      await delay(2_000);
      const before = load.ledger.accepted.size;
      await waitUntil(() => load.ledger.accepted.size > before, {
        timeoutMs: 30_000,
        what: 'jobs are accepted',
      });
      gaps.push(longestGapSeconds(load.ledger.acceptedAtMs, killedAtMs, performance.now()));
      await leader.start();
    }
    const { accepted, answers, withoutRetryAfter } = await load.stop();
    const statuses: string[] = [];
    for (const id of accepted) statuses.push((await client.waitUntilFinal(id, 90_000)).status);
    expect(statuses.filter((status) => status !== 'done')).toEqual([]);
    expect(accepted.size).toBeGreaterThan(100);
    expect([...answers.keys()].filter((status) => ![202, 503].includes(status))).toEqual([]);
    expect(withoutRetryAfter).toBe(0);
    console.info(
      `${kills} leaders killed, ${accepted.size} accepted, 0 lost; nothing accepted for ${percentile(gaps, 0.5).toFixed(2)} s (p50), ` +
        `${Math.max(...gaps).toFixed(2)} s (max); answers ${JSON.stringify([...answers])}`,
    );
  },
);

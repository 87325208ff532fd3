/**
 * The store under many hands at once: submitters, workers, sweepers, an owner, a janitor and the passing of time, one command after another in an
 * order that chance chooses, with lost answers, crashes, frozen workers, and a broker that loses, doubles and reorders 15 %. At the end everything
 * is swept to rest and the books are checked. A run that fails is told by its seed: `ACTORS_SEED=…` runs it alone;
 * `ACTORS_RUNS` makes it more.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, asyncProperty, integer, noShrink } from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../../../bench/scaler-simulator/random.ts';
import { createInterleaver } from '../testing/interleaver.ts';
import * as actors from '../testing/job-actors.ts';
import { type Audit, createJobLedger } from '../testing/job-ledger.ts';
import { createLossyBroker } from '../testing/lossy-broker.ts';
import { createTestJobStore, textOutput, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis } from '../testing/test-redis.ts';

const nothingWrong: Audit = { lost: 0, double: 0, changed: 0, stuck: 0, orphans: 0, strayBytes: 0 };
const jobsOfASubmitter = 6;
const runs = Number(process.env['ACTORS_RUNS'] ?? 6);
/** Time passes when the actors say so. */
const longTimes = { leaseMs: 600_000, suspectMs: 600_000 };
const mostRounds = 60;
const manyMs = 120_000;
const scripts = `${import.meta.dirname}/scripts`;

interface Scene {
  seed: number;
  hasSweepers: boolean;
  scriptFolder?: string;
}

/** The last word: no further faults, time passes for everybody, until nothing is left or nothing moves any more. */
const sweepToRest = async (
  world: actors.JobWorld,
  store: TestJobStore,
  hasSweepers: boolean,
): Promise<void> => {
  world.beating.clear();
  for (let round = 0; round < mostRounds; round += 1) {
    for (const id of world.ledger.accepted) await actors.passTime(world, store, id);
    const ids = hasSweepers ? await store.dueJobs.due(1_000) : [];
    for (const id of ids) {
      if ((await store.dueJobs.reap(id, true)).kind === 'publish')
        world.broker.giveBack({ id, redelivered: false });
    }
    for (let message = world.broker.take(); message; message = world.broker.take()) {
      const asked = {
        ...message,
        pool: 'factorial',
        worker: 'last',
        nonce: `last ${round} ${world.random()}`,
      };
      const claim = await store.leases.claim(asked);
      if (claim.kind !== 'ok') continue;
      if ((await store.leases.complete(claim, textOutput('last'))) === 'ok') world.ledger.committed(claim.id);
    }
  }
};

interface Played {
  audit: Audit;
  /** The pool's own counts of what has happened to jobs. */
  counts: Record<string, string>;
}

const play = async ({ seed, hasSweepers, scriptFolder }: Scene): Promise<Played> => {
  const testRedis = await createTestRedis();
  const connections: Redis[] = [];
  const open = (): TestJobStore => {
    const redis = testRedis.redis.duplicate({ lazyConnect: false });
    connections.push(redis);
    return createTestJobStore({ redis, keys: testRedis.keys }, longTimes, scriptFolder);
  };
  const store = open();
  const source = createRandom(seed);
  const random = (): number => source.next();
  const world: actors.JobWorld = {
    store: open,
    broker: createLossyBroker(random, 0.15),
    ledger: createJobLedger(store, testRedis),
    interleaver: createInterleaver(random),
    random,
    faultShare: 0.1,
    jobs: jobsOfASubmitter,
    beating: new Set(),
    isOver: false,
  };
  await world.interleaver.run([
    actors.submitter(world, 'ann'),
    actors.submitter(world, 'bob'),
    actors.worker(world, 'w1'),
    actors.worker(world, 'w2'),
    ...(hasSweepers ? [actors.sweeper(world), actors.sweeper(world)] : []),
    actors.owner(world),
    actors.janitor(world),
    actors.time(world),
    actors.end(world),
  ]);
  await sweepToRest(world, store, hasSweepers);
  const audit = await world.ledger.audit();
  const counts = await testRedis.redis.hgetall(testRedis.keys.pool('factorial'));
  for (const connection of connections) connection.disconnect();
  await testRedis.close();
  return { audit, counts };
};

describe('jobs in many hands', () => {
  const only = process.env['ACTORS_SEED'];

  test(
    'are never lost, doubled, changed, stuck or orphaned, whatever the order of commands',
    async () => {
      const happened = new Map<string, number>();
      await assert(
        asyncProperty(noShrink(integer({ min: 1, max: 2 ** 30 })), async (seed) => {
          const { audit, counts } = await play({ seed, hasSweepers: true });
          expect(audit, `ACTORS_SEED=${seed}`).toEqual(nothingWrong);
          for (const [what, count] of Object.entries(counts)) happened.set(what, Number(count));
        }),
        only === undefined ? { numRuns: runs } : { numRuns: 1, examples: [[Number(only)]] },
      );
      const all = ['accepted', 'claimed', 'done', 'failed', 'cancelled', 'requeued', 'released', 'retried'];
      const expected = only === undefined ? all : ['accepted', 'claimed'];
      expect(expected.filter((what) => !happened.has(what))).toEqual([]);
    },
    manyMs,
  );

  test(
    'get stuck, as the books show, when nobody sweeps',
    async () => {
      const { audit } = await play({ seed: 1, hasSweepers: false });
      expect(audit.stuck).toBeGreaterThan(0);
    },
    manyMs,
  );
});

describe('jobs in many hands, with a broken script', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'factorial-broken-scripts-'));
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  /** Leaves the lines out that contain one of these. */
  const breakScript = async (file: string, without: readonly string[]): Promise<void> => {
    await cp(scripts, folder, { recursive: true });
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n');
    const kept = lines.filter((line) => !without.some((part) => line.includes(part)));
    expect(kept.length, `${file} has all of these lines`).toBe(lines.length - without.length);
    await writeFile(join(folder, file), kept.join('\n'));
  };

  test(
    'are committed twice and change, as the books show, when COMPLETE does not compare',
    async () => {
      await breakScript('complete.lua', ['if not holds(', "return { 'STALE', job.status }"]);
      const { audit } = await play({ seed: 1, hasSweepers: true, scriptFolder: folder });
      expect(audit.double).toBeGreaterThan(0);
      expect(audit.changed).toBeGreaterThan(0);
    },
    manyMs,
  );
});

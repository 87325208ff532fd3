import { join } from 'node:path';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import type { Follower } from '../client/follow-jobs.ts';
import { gatherCrowd, submitHeldJobs } from '../client/follow-many.ts';
import { faultsOf, isTold } from '../client/told-events.ts';

/** `STREAMS=200 npx vitest run test/integration/stream-resume.test.ts` for the long run. */
const streams = Number(process.env['STREAMS'] ?? 40);
const half = Math.floor(streams / 2);

let system: System;
beforeAll(async () => {
  system = await startSystem({
    workers: 1,
    apis: 2,
    workerEnv: { TASKS: join(import.meta.dirname, 'steps-task'), SLOTS: '4' },
  });
});
afterAll(async () => system.stop());

const toldOf = ({ told }: Follower): number => [...told.keys()].filter((job) => isTold(told, job)).length;

test('all who follow go on at another api when theirs is killed, and miss nothing', async () => {
  const { ids, start } = await submitHeldJobs(system, Math.max(20, half), { steps: 4, stepMs: 150 });
  const [first = '', second = ''] = system.apiUrls;
  const crowd = gatherCrowd({ token: system.token, urls: [second, first] }, ids, {
    sse: half,
    webSockets: half,
    jobsPerSocket: 5,
  });
  const followers = [...crowd.join.sse(), ...crowd.join.webSockets()];
  try {
    await crowd.areThere(followers);
    await start();
    await waitUntil(() => followers.filter((follower) => toldOf(follower) > 0).length > streams / 4, {
      timeoutMs: 60_000,
      what: 'many have been told of an end',
    });
    await system.apis[1]?.kill();
    await Promise.all(followers.map(async ({ done }) => done));
    const broken = followers.filter(({ breaks }) => breaks.length > 0).length;
    expect(broken).toBeGreaterThan(streams / 4);
    expect(
      await faultsOf(
        system.redisUrl,
        followers.map(({ told }) => told),
      ),
    ).toEqual([]);
    console.info(`${broken} of ${followers.length} streams broke and went on at the other api`);
  } finally {
    await crowd.leave();
  }
}, 240_000);

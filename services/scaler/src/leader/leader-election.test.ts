import { describeServiceContract } from '@factorial/core/testing/service-stress';
import { createFakeClock } from '@factorial/core/testing/fake-clock';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { describe, expect, it } from 'vitest';
import { createLeaderElection, type LeaderElection } from './leader-election.ts';
import type { Lease, LeaseAnswer, LeaseStore } from './lease-store.ts';

/** One Lease, as the API server keeps it: a write names the version it replaces. */
const createStore = () => {
  let lease: Lease = { version: '1', holder: '', transitions: 0 };
  let broken: 'no' | 'all' | 'writes-get-lost' = 'no';
  const away: LeaseAnswer = { ok: false, reason: 'no answer in time' };
  const store: LeaseStore = {
    read: async () => (broken === 'all' ? away : { ok: true, lease }),
    write: async ({ acquired: _mark, ...claim }) => {
      if (broken === 'all') return away;
      if (claim.version !== lease.version) return { ok: false, reason: 'conflict', conflict: true };
      lease = { ...claim, version: String(Number(lease.version) + 1) };
      return broken === 'no' ? { ok: true, lease } : away;
    },
  };
  return {
    store,
    lease: () => lease,
    break: (how: typeof broken) => void (broken = how),
    touch: () => void (lease = { ...lease, version: `${lease.version}0` }),
  };
};

const setUp = () => {
  const clock = createFakeClock();
  const stage = createStore();
  const elect = (identity: string, over: Partial<{ now: () => number; store: LeaseStore }> = {}) => {
    const { logger, lines } = createRecordedLogger();
    const deps = { store: stage.store, identity, logger, now: () => clock.now(), sleep, ...over };
    return { ...createLeaderElection(deps), lines };
  };
  /** Both try every 2 s, for so long. */
  const pass = async (seconds: number, ...elections: LeaderElection[]) => {
    for (let second = 0; second < seconds; second += 2) {
      clock.advance(2_000);
      for (const election of elections) await election.runOnce();
    }
  };
  return { clock, stage, elect, pass };
};

describe('the lease', () => {
  it('has one holder of two', async () => {
    const { elect, pass, stage } = setUp();
    const [one, two] = [elect('one'), elect('two')];
    await pass(60, one, two);
    expect([one.term()?.aborted, two.term()]).toEqual([false, undefined]);
    expect(stage.lease()).toMatchObject({ holder: 'one', durationSeconds: 15, transitions: 1 });
    expect([one.inTouch(), two.inTouch()]).toEqual([true, true]);
  });

  it('goes to the other 15 s after it was last seen to change, when its holder falls silent', async () => {
    const { elect, pass, stage } = setUp();
    const [one, two] = [elect('one'), elect('two')];
    await pass(10, one, two);
    await pass(14, two);
    expect(two.term()).toBeUndefined();
    await pass(2, two);
    expect(two.term()).toBeDefined();
    expect(stage.lease()).toMatchObject({ holder: 'two', transitions: 2 });
    expect(one.term()).toBeUndefined();
  });

  it('is not taken by one whose clock is hours ahead', async () => {
    const { clock, elect, pass } = setUp();
    const one = elect('one');
    const two = elect('two', { now: () => clock.now() + 7_200_000 });
    await pass(60, one, two);
    expect([one.term()?.aborted, two.term()]).toEqual([false, undefined]);
  });

  it('is watched for a whole length by one that has just come', async () => {
    const { elect, pass } = setUp();
    await pass(2, elect('one'));
    const two = elect('two');
    await pass(14, two);
    expect(two.term()).toBeUndefined();
    await pass(4, two);
    expect(two.term()).toBeDefined();
  });

  it('is kept by its holder when somebody has edited it', async () => {
    const { elect, pass, stage } = setUp();
    const one = elect('one');
    await pass(4, one);
    const term = one.term();
    stage.touch();
    await pass(20, one);
    expect([one.term(), term?.aborted]).toEqual([term, false]);
  });

  it('is kept when a renewal was written and its answer got lost', async () => {
    const { elect, pass, stage } = setUp();
    const one = elect('one');
    await pass(4, one);
    stage.break('writes-get-lost');
    await pass(2, one);
    stage.break('no');
    await pass(20, one);
    expect(one.term()?.aborted).toBe(false);
  });

  it('is taken at once by a process that was restarted under the same name', async () => {
    const { elect, pass } = setUp();
    await pass(4, elect('one'));
    const again = elect('one');
    await again.runOnce();
    expect(again.term()).toBeDefined();
  });
});

describe('a term', () => {
  it('ends 10 s after the last renewal, before anybody else may act', async () => {
    const { elect, pass, stage } = setUp();
    const [one, two] = [elect('one'), elect('two')];
    await pass(4, one, two);
    const term = one.term();
    stage.break('all');
    await pass(8, one);
    expect(term?.aborted).toBe(false);
    await pass(2, one);
    expect([term?.aborted, one.term()]).toEqual([true, undefined]);
    expect(one.lines).toContainEqual(expect.objectContaining({ msg: 'leads no more', level: 40 }));
    expect(one.lines.filter(({ msg }) => msg === 'lease cannot be reached')).toHaveLength(1);
    await pass(6, one);
    expect(one.inTouch()).toBe(false);
  });

  it('is over for a process that was frozen for longer, even before it tries again', async () => {
    const { elect, pass, clock } = setUp();
    const one = elect('one');
    await pass(4, one);
    const term = one.term();
    clock.advance(10_000);
    expect(one.term()).toBeUndefined();
    await one.runOnce();
    expect(term?.aborted).toBe(true);
    expect(one.term()).toBeDefined();
  });

  it('ends at once when another is found to hold the lease', async () => {
    const { elect, pass, clock } = setUp();
    const [one, two] = [elect('one'), elect('two')];
    await pass(4, one, two);
    const term = one.term();
    clock.advance(16_000);
    await two.runOnce();
    expect(two.term()).toBeDefined();
    await one.runOnce();
    expect([term?.aborted, one.term()]).toEqual([true, undefined]);
  });
});

describe('its stop', () => {
  it.each([
    ['and nothing is in the way', 'no'],
    ['and its last renewal was written though nobody said so', 'writes-get-lost'],
  ] as const)('lets the next one in at once when it leads %s', async (_name, trouble) => {
    const { elect, stage } = setUp();
    const one = elect('one');
    await one.runOnce();
    stage.break(trouble);
    await one.runOnce();
    stage.break('no');
    await one.stop(new AbortController().signal);
    expect([one.term(), stage.lease().holder]).toEqual([undefined, '']);
    const two = elect('two');
    await two.runOnce();
    expect(two.term()).toBeDefined();
  });

  it('leaves the lease alone when another holds it', async () => {
    const { elect, stage } = setUp();
    const [one, two] = [elect('one'), elect('two')];
    await one.runOnce();
    await two.start();
    await waitUntil(() => two.inTouch(), { what: 'it has looked' });
    await two.stop(new AbortController().signal);
    expect(stage.lease().holder).toBe('one');
  });

  describeServiceContract({ create: () => setUp().elect('one', { now: () => performance.now() }) });
});

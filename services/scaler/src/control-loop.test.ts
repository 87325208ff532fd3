import { sleep } from '@factorial/core/lifecycle/sleep';
import { describeServiceContract } from '@factorial/core/testing/service-stress';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { describe, expect, it } from 'vitest';
import { createControlLoop } from './control-loop.ts';
import { createSmallWorld, runFor } from './testing/small-world.ts';

const never = () => new AbortController().signal;

describe('a burst', () => {
  it('makes workers at the next tick, and all but one go afterwards', async () => {
    const world = createSmallWorld(1);
    const loop = createControlLoop(world.deps);
    await runFor(loop, world, 40);
    expect(world.running.size).toBe(1);
    world.set.ready = 20;
    world.set.busy.add('w0');
    expect((await loop.runOnce()).act).toMatchObject({ did: 'scaled', from: 1, to: 5 });
    world.set.ready = 0;
    world.set.busy.clear();
    await runFor(loop, world, 80);
    expect(world.running.size).toBe(1);
  });

  it('never stops a busy worker, though the others go', async () => {
    const world = createSmallWorld(8);
    const loop = createControlLoop(world.deps);
    world.set.busy.add('w0').add('w3').add('w7');
    await runFor(loop, world, 120);
    expect([...world.running]).toEqual(['w0', 'w3', 'w7']);
  });

  it('leaves a victim alone that took a job in the handshake', async () => {
    const world = createSmallWorld(2);
    const { set } = world;
    const busyAtTheLastMoment = async (ms: number, signal: AbortSignal) => {
      for (const id of world.running) set.busy.add(id);
      return world.deps.sleep(ms, signal);
    };
    const loop = createControlLoop({ ...world.deps, sleep: busyAtTheLastMoment });
    await runFor(loop, world, 32);
    expect(world.running.size).toBe(2);
    expect(world.reports.at(-1)?.act).toMatchObject({ did: 'refused', code: 'not-drained' });
    expect(world.asked.filter((text) => text.startsWith('scale'))).toEqual([]);
  });
});

describe('a source that is away', () => {
  it.each(['queue', 'target'] as const)('means that nothing is touched when it is the %s', async (source) => {
    const world = createSmallWorld(4);
    const loop = createControlLoop(world.deps);
    world.set.broken.add(source);
    world.set.ready = 50;
    await runFor(loop, world, 60);
    world.set.ready = 0;
    await runFor(loop, world, 60);
    expect(world.asked).toEqual([]);
    expect(world.reports.every(({ decision }) => decision.kind === 'hold')).toBe(true);
  });

  it('means that it may grow and not shrink when it is the pool', async () => {
    const world = createSmallWorld(2);
    const loop = createControlLoop(world.deps);
    world.set.broken.add('pool');
    await runFor(loop, world, 60);
    expect(world.running.size).toBe(2);
    world.set.ready = 50;
    await loop.runOnce();
    expect(world.running.size).toBe(6);
  });
});

describe('the loop', () => {
  it('ticks every 2 s, give or take 10 %', async () => {
    const waits: number[] = [];
    const randoms = [0, 0.5, 1];
    const world = createSmallWorld(1, { random: () => randoms[waits.length] ?? 0 });
    const pause = async (ms: number, signal: AbortSignal) => {
      waits.push(ms);
      return sleep(waits.length < 3 ? 0 : 60_000, signal);
    };
    const loop = createControlLoop({ ...world.deps, sleep: pause });
    await loop.start();
    await waitUntil(() => waits.length === 3, { what: 'three ticks' });
    await loop.stop(never());
    expect(waits.map(Math.round)).toEqual([1_800, 2_000, 2_200]);
    expect(world.reports).toHaveLength(3);
    expect(loop.lastTickAt()).toBe(world.set.now);
  });

  it('goes on after a fault of its own', async () => {
    const world = createSmallWorld(1, { sleep });
    const fail = async () => Promise.reject(new Error('broken'));
    const loop = createControlLoop({
      ...world.deps,
      tickMs: 1,
      target: { ...world.deps.target, read: fail },
    });
    await loop.start();
    await waitUntil(() => world.failures.length >= 2, { what: 'two faults' });
    await loop.stop(never());
    expect(world.failures[0]?.message).toBe('broken');
  });

  it('ends its readings when it is stopped', async () => {
    const world = createSmallWorld(1, { sleep });
    const readQueue = async (stop: AbortSignal) => {
      await sleep(60_000, stop);
      return { ok: false, reason: 'no answer in time' } as const;
    };
    const loop = createControlLoop({ ...world.deps, readQueue });
    await loop.start();
    await loop.stop(never());
    expect(world.reports).toHaveLength(1);
  });

  it('does nothing while another leads, and begins its watch anew when it leads again', async () => {
    const world = createSmallWorld(3);
    const terms: (AbortController | undefined)[] = [new AbortController(), undefined, new AbortController()];
    let ended = 0;
    let ticks = 0;
    const pause = async (ms: number, signal: AbortSignal) => {
      ticks += 1;
      if (ticks === 13 || ticks === 20) terms.shift();
      await world.deps.sleep(ms, signal);
      return sleep(ticks < 35 ? 0 : 60_000, signal);
    };
    const leadership = { term: () => terms[0]?.signal };
    const termEnded = () => void (ended += 1);
    const loop = createControlLoop({ ...world.deps, sleep: pause, leadership, termEnded });
    await loop.start();
    await waitUntil(() => ticks >= 35, { what: 'three terms' });
    await loop.stop(never());
    expect(ended).toBe(1);
    // 30 s of watching were not over in the first term, nor 30 s after the second began.
    expect(world.reports).toHaveLength(28);
    expect(world.asked).toEqual([]);
    expect(world.running.size).toBe(3);
  });

  it('touches nothing any more when its term ends in the middle of a step', async () => {
    const world = createSmallWorld(2);
    const term = new AbortController();
    const pause = async (ms: number, signal: AbortSignal) => {
      if (ms < 2_000) term.abort();
      return world.deps.sleep(ms, signal);
    };
    const leadership = { term: () => term.signal };
    const loop = createControlLoop({ ...world.deps, sleep: pause, leadership });
    await runFor(loop, world, 40);
    expect(world.reports.find(({ act }) => act.did === 'refused')).toMatchObject({ cutShort: true });
    expect(world.reports[0]).toMatchObject({ cutShort: false });
    expect(world.asked.filter((text) => text.startsWith('scale'))).toEqual([]);
    expect(world.running.size).toBe(2);
  });

  describeServiceContract({ create: () => createControlLoop(createSmallWorld(1, { sleep }).deps) });
});

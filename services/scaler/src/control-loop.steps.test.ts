import { describe, expect, it } from 'vitest';
import { createControlLoop } from './control-loop.ts';
import { unknown } from './readings/reading.ts';
import { createSmallWorld, runFor, type SmallWorld } from './testing/small-world.ts';

describe('a victim that ends by itself when it has drained', () => {
  /** Workers that leave as soon as they have heard of it. */
  const leaving = (world: SmallWorld, ids: readonly string[]) => async (ms: number, signal: AbortSignal) => {
    for (const id of ids) world.running.delete(id);
    return world.deps.sleep(ms, signal);
  };

  it.each([
    ['alone', ['w0', 'w1'], ['w0', 'w1']],
    ['before another', ['w0'], ['w0', 'w1']],
  ])('counts as let go when it does so %s', async (_name, ids, removed) => {
    const world = createSmallWorld(4);
    const loop = createControlLoop({ ...world.deps, sleep: leaving(world, ids) });
    await runFor(loop, world, 32);
    const step = world.reports.find(({ act }) => act.did === 'scaled')?.act;
    expect(step).toEqual({ did: 'scaled', from: 4, to: 2, removed, wrongVictims: [] });
    expect([...world.running]).toEqual(['w2', 'w3']);
  });

  it('changes nothing more when the target falls silent then', async () => {
    const world = createSmallWorld(2);
    let reads = 0;
    const real = world.deps.target;
    const target = {
      ...real,
      read: async (stop: AbortSignal) => ((reads += 1) % 3 === 0 ? unknown('gone') : real.read(stop)),
    };
    const tick = createControlLoop({ ...world.deps, target });
    const reports = [];
    for (let count = 0; count < 20; count += 1) {
      if (reports.at(-1)?.act.did !== 'refused') reads = 0;
      reports.push(await tick.runOnce());
      world.set.now += 2_000;
    }
    expect(reports.map(({ act }) => act)).toContainEqual({
      did: 'refused',
      code: 'not-scaled',
      reason: 'gone',
    });
    expect(world.asked.filter((text) => text.startsWith('scale'))).toEqual([]);
  });
});

describe('a step that is not taken', () => {
  it.each([
    ['the workers cannot be asked', 'drain', 'drain: answered 503'],
    ['the target refuses', 'scale', 'conflict'],
  ] as const)('is told and tried again when %s', async (_name, broken, reason) => {
    const world = createSmallWorld(2);
    const loop = createControlLoop(world.deps);
    world.set.broken.add(broken);
    await runFor(loop, world, 32);
    expect(world.reports.at(-1)?.act).toMatchObject({ did: 'refused', reason });
    expect(world.running.size).toBe(2);
    world.set.broken.clear();
    await loop.runOnce();
    expect(world.running.size).toBe(1);
  });

  it('is not taken, and its victims work on, when they cannot be marked', async () => {
    const world = createSmallWorld(2);
    const loop = createControlLoop(world.deps);
    world.set.broken.add('mark');
    await runFor(loop, world, 32);
    expect(world.reports.at(-1)?.act).toMatchObject({ did: 'refused', code: 'not-marked' });
    expect(world.draining.size).toBe(0);
  });

  it('takes the marks and the drain back when the target refuses', async () => {
    const world = createSmallWorld(2);
    const loop = createControlLoop(world.deps);
    world.set.broken.add('scale');
    await runFor(loop, world, 32);
    expect(world.asked.slice(0, 3)).toEqual(['mark w0 spare ', 'scale 2 1 w0', 'mark  spare ']);
    expect(world.draining.size).toBe(0);
  });

  it('is left as it is when nobody knows whether it was taken', async () => {
    const world = createSmallWorld(2);
    const refusal = { ok: false, reason: 'no answer in time', uncertain: true } as const;
    const target = { ...world.deps.target, scaleTo: async () => refusal };
    const loop = createControlLoop({ ...world.deps, target });
    await runFor(loop, world, 32);
    expect(world.reports.at(-1)?.act).toMatchObject({ did: 'refused', reason: 'no answer in time' });
    expect([...world.draining]).toEqual(['w0']);
  });

  it('is only told in a dry run', async () => {
    const world = createSmallWorld(1, { dryRun: true });
    const loop = createControlLoop(world.deps);
    world.set.ready = 50;
    expect((await loop.runOnce()).act).toEqual({ did: 'dry-run', to: 5 });
    expect((await loop.runOnce()).act).toEqual({ did: 'dry-run', to: 5 });
    expect(world.asked).toEqual([]);
  });

  it('is seen when the target lets somebody else go', async () => {
    const world = createSmallWorld(2);
    const loop = createControlLoop(world.deps);
    world.set.removesInstead = ['w1'];
    await runFor(loop, world, 32);
    const acts = world.reports.map(({ act }) => act).filter(({ did }) => did === 'scaled');
    expect(acts).toMatchObject([{ removed: ['w1'], wrongVictims: ['w1'] }]);
  });
});

describe('a victim that stays', () => {
  it('works again when a pod that was not ready has gone in its place', async () => {
    const world = createSmallWorld(2);
    const { set } = world;
    set.unready.add('w1');
    set.removesInstead = ['w1'];
    const loop = createControlLoop(world.deps);
    await runFor(loop, world, 40);
    const acts = world.reports.map(({ act }) => act).filter(({ did }) => did === 'scaled');
    expect(acts).toMatchObject([{ removed: ['w1'], wrongVictims: [] }]);
    expect([...world.running]).toEqual(['w0']);
    expect(world.draining.size).toBe(0);
    expect(world.asked.at(-1)).toBe('mark  spare ');
  });

  it('does so when the step has taken so long that the request to drain could lapse', async () => {
    const world = createSmallWorld(2);
    const slowInTheStep = async (ms: number, signal: AbortSignal) => {
      world.set.apiMs = 50_000;
      return world.deps.sleep(ms, signal);
    };
    const loop = createControlLoop({ ...world.deps, sleep: slowInTheStep });
    await runFor(loop, world, 32);
    expect(world.reports.at(-1)?.act.did).toBe('refused');
    expect(world.asked.filter((text) => text.startsWith('scale'))).toEqual([]);
    expect(world.draining.size).toBe(0);
  });
});

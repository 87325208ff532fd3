import { describe, expect, it } from 'vitest';
import type { TickReport } from '../control-loop.ts';
import { createControlLoop } from '../control-loop.ts';
import { createSmallWorld, type SmallWorld } from '../testing/small-world.ts';
import { eventsOf, nothingStands, standingOf, type PoolEvent } from './pool-events.ts';

/** What a loop in a small world tells, tick by tick. */
const watch = (world: SmallWorld) => {
  const told: PoolEvent[] = [];
  let standing = nothingStands;
  const tell = (report: TickReport): void => {
    told.push(...eventsOf(standing, report));
    standing = standingOf(report, standing);
  };
  const loop = createControlLoop({ ...world.deps, tell });
  const tick = async (count = 1) => {
    for (let done = 0; done < count; done += 1) {
      await loop.runOnce();
      world.set.now += 2_000;
    }
  };
  return { told, tick, reasons: () => told.map(({ reason }) => reason) };
};

describe('an event', () => {
  it('tells of a step up and down, with its numbers and who went', async () => {
    const world = createSmallWorld(1);
    const { told, tick } = watch(world);
    world.set.ready = 20;
    world.set.busy.add('w0');
    await tick();
    world.set.ready = 0;
    world.set.busy.clear();
    await tick(30);
    expect(told[0]).toMatchObject({ type: 'Normal', reason: 'ScaledUp' });
    expect(told[0]?.message).toMatch(/^1 to 5 \(backlog\); 20 waiting, 1 in flight, needs \d+$/);
    expect(told[1]).toMatchObject({ type: 'Normal', reason: 'ScaledDown' });
    expect(told[1]?.message).toMatch(/^5 to 2 \(less-work\);.*gone: \w+, \w+, \w+$/);
  });

  it('is not written while nothing changes', async () => {
    const { tick, told } = watch(createSmallWorld(1));
    await tick(20);
    expect(told).toEqual([]);
  });

  it('tells once that a source is lost and once that it is back', async () => {
    const world = createSmallWorld(1);
    const { tick, told, reasons } = watch(world);
    world.set.broken.add('queue');
    await tick(3);
    world.set.broken.clear();
    await tick(3);
    expect(reasons()).toEqual(['HoldMetricsUnavailable', 'MetricsRecovered']);
    expect(told[0]?.message).toBe('changes nothing: queue-unknown (answered 500)');
  });

  it('tells when it is paused and when it goes on, once each', async () => {
    const world = createSmallWorld(1);
    const { tick, reasons } = watch(world);
    world.set.paused = true;
    await tick(3);
    world.set.paused = false;
    await tick(3);
    expect(reasons()).toEqual(['Paused', 'Resumed']);
  });

  it('tells once that the pool is paused and once that it is resumed, whatever cannot be read in between', async () => {
    const world = createSmallWorld(1);
    const { tick, reasons } = watch(world);
    world.set.ready = 50;
    world.set.poolPaused = true;
    await tick(2);
    world.set.broken.add('queue');
    await tick(2);
    world.set.broken.clear();
    world.set.broken.add('pool');
    await tick(2);
    world.set.broken.clear();
    expect(reasons()).toEqual(['PoolPaused', 'HoldMetricsUnavailable', 'MetricsRecovered']);
    world.set.poolPaused = false;
    await tick(1);
    expect(reasons().slice(3)).toEqual(['ScaledUp', 'PoolResumed']);
  });

  it('tells once that no worker has drained in time, and warns of wrong victims', async () => {
    const world = createSmallWorld(2);
    const { tick, told, reasons } = watch(world);
    world.set.deaf = true;
    await tick(20);
    expect(reasons()).toEqual(['DrainTimedOut']);
    world.set.deaf = false;
    world.set.removesInstead = ['w1'];
    await tick(2);
    expect(reasons()).toEqual(['DrainTimedOut', 'ScaledDown', 'WrongVictims']);
    expect(told.at(-1)).toMatchObject({
      type: 'Warning',
      message: 'went though others were chosen: w1',
    });
  });

  it('tells once that the machines are full', async () => {
    const world = createSmallWorld(2);
    const { tick, reasons } = watch(world);
    world.set.ready = 50;
    world.set.unschedulable = 1;
    await tick(10);
    expect(reasons().filter((reason) => reason === 'CapacityLimited')).toHaveLength(1);
  });
});

import { createFakeClock } from '@factorial/core/testing/fake-clock';
import { failingChecks } from '@factorial/core/ops/readiness';
import { expect, it } from 'vitest';
import { createControlLoop } from '../control-loop.ts';
import { createSmallWorld } from '../testing/small-world.ts';
import { createScalerReady } from './scaler-ready.ts';

const setUp = async () => {
  const clock = createFakeClock();
  const lead = { term: new AbortController().signal as AbortSignal | undefined, inTouch: true };
  const leadership = { term: () => lead.term };
  const ready = createScalerReady({ leadership, inTouch: () => lead.inTouch, now: () => clock.now() });
  const [one, two] = [ready.forPool('one'), ready.forPool('two')];
  const world = createSmallWorld(1);
  const report = await createControlLoop(world.deps).runOnce();
  world.set.broken.add('pool');
  const blind = await createControlLoop(world.deps).runOnce();
  const failing = async () => failingChecks(ready.checks);
  return { clock, lead, one, two, report, blind, failing };
};

it('is there when every pool has been decided for from all sources', async () => {
  const { one, two, report, blind, failing } = await setUp();
  one.tell(report);
  expect(await failing()).toEqual(['deciding', 'queue', 'pool', 'target']);
  two.tell(report);
  expect(await failing()).toEqual([]);
  two.tell(blind);
  expect(await failing()).toEqual(['pool']);
});

it('ends when nothing has been decided for 30 s', async () => {
  const { clock, one, two, report, failing } = await setUp();
  one.tell(report);
  two.tell(report);
  clock.advance(31_000);
  expect(await failing()).toEqual(['deciding']);
});

it('asks one that does not lead only whether it could', async () => {
  const { lead, one, report, failing } = await setUp();
  one.tell(report);
  one.forget();
  lead.term = undefined;
  expect(await failing()).toEqual([]);
  lead.inTouch = false;
  expect(await failing()).toEqual(['lease']);
});

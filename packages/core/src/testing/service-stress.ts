/** What every `Service` has to survive: the contract's odd cases, as a suite that a service's tests call. */
import { expect, test } from 'vitest';
import type { Service } from '../lifecycle/service.ts';

export interface ServiceStressOptions {
  /** Makes a fresh one, not started. */
  create: () => Service | Promise<Service>;
  /** Each start and each stop has to end within this. */
  withinMs?: number;
}

const durationMs = async (work: Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work;
  return performance.now() - started;
};

/** Declares the tests; call it inside a `describe`. */
export const describeServiceContract = ({ create, withinMs = 5_000 }: ServiceStressOptions): void => {
  const never = new AbortController().signal;

  test('stops without error when it was never started', async () => {
    const service = await create();
    expect(await durationMs(service.stop(never))).toBeLessThan(withinMs);
  });

  test('stops once and again when stopped twice', async () => {
    const service = await create();
    expect(await durationMs(service.start())).toBeLessThan(withinMs);
    expect(await durationMs(service.stop(never))).toBeLessThan(withinMs);
    expect(await durationMs(service.stop(never))).toBeLessThan(withinMs);
  });

  test('stops, and start ends too, when stop comes while it starts', async () => {
    const service = await create();
    const starting = service.start().catch(() => undefined);
    expect(await durationMs(service.stop(never))).toBeLessThan(withinMs);
    expect(await durationMs(starting)).toBeLessThan(withinMs);
  });

  test('stops when two stops run at once', async () => {
    const service = await create();
    await service.start();
    expect(await durationMs(Promise.all([service.stop(never), service.stop(never)]))).toBeLessThan(withinMs);
  });

  test('stops when the deadline has passed already', async () => {
    const service = await create();
    await service.start();
    expect(await durationMs(service.stop(AbortSignal.abort()))).toBeLessThan(withinMs);
  });
};

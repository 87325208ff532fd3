/** What every `Service` has to survive: the contract's odd cases, as a suite that a service's tests call. */
import { expect, test } from 'vitest';
import type { Service } from '../lifecycle/service.ts';

export interface ServiceStressOptions {
  /** Makes a fresh one, not started. */
  create(): Service | Promise<Service>;
  /** Each start and each stop has to end within this. */
  withinMs?: number;
}

const inTime = async (work: Promise<void>, withinMs: number): Promise<void> => {
  const started = performance.now();
  await work;
  expect(performance.now() - started).toBeLessThan(withinMs);
};

/** Declares the tests; call it inside a `describe`. */
export const describeServiceContract = ({ create, withinMs = 5_000 }: ServiceStressOptions): void => {
  const never = () => new AbortController().signal;
  const stop = async (service: Service, deadline = never()) => await inTime(service.stop(deadline), withinMs);
  const start = async (service: Service) => await inTime(service.start(), withinMs);

  test('stops without error when it was never started', async () => {
    await stop(await create());
  });

  test('stops once and again when stopped twice', async () => {
    const service = await create();
    await start(service);
    await stop(service);
    await stop(service);
  });

  test('stops when stop comes while it starts', async () => {
    const service = await create();
    const starting = service.start().catch(() => undefined);
    await stop(service);
    await inTime(starting.then(() => undefined), withinMs);
  });

  test('stops when two stops run at once', async () => {
    const service = await create();
    await start(service);
    await Promise.all([stop(service), stop(service)]);
  });

  test('stops when the deadline has passed already', async () => {
    const service = await create();
    await start(service);
    await stop(service, AbortSignal.abort());
  });
};

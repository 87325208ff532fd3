import { expect, it } from 'vitest';
import { createSupervisedService, type Running } from './supervised-service.ts';

interface Fake extends Running {
  end: (reason: string) => void;
}

const createFake = (): Fake => {
  const { promise: exited, resolve: end } = Promise.withResolvers<string>();
  const stop = async (): Promise<void> => end('stopped');
  return { exited, end, stop, kill: async () => end('killed') };
};

const createFakeThatStaysUp = (): Fake => {
  const fake = createFake();
  return { ...fake, stop: async () => void (await fake.exited) };
};

const setUp = (launchOne: (signal: AbortSignal) => Promise<Fake> = async () => createFake()) => {
  const launched: Fake[] = [];
  const said: string[] = [];
  const launch = async (signal: AbortSignal): Promise<Running> => {
    const fake = await launchOne(signal);
    launched.push(fake);
    return fake;
  };
  const service = createSupervisedService({
    name: 'api',
    launch,
    say: (line) => said.push(line),
    now: () => 0,
    random: () => -0.999,
  });
  return { service, launched, said };
};

const soon = (): AbortSignal => AbortSignal.timeout(5_000);

it('starts it again and says so when it ends unasked', async () => {
  const { service, launched, said } = setUp();
  await service.start();
  launched[0]?.end('SIGKILL');
  await expect.poll(() => launched.length, { timeout: 5_000, interval: 10 }).toBe(2);
  expect(said[0]).toMatch(/^api ended: SIGKILL\. Starting it again in/);
  await service.stop(soon());
  expect(await launched[1]?.exited).toBe('stopped');
});

it('keeps trying when it does not come up again', async () => {
  let launches = 0;
  const { service, launched, said } = setUp(async () => {
    launches += 1;
    if (launches === 2) throw new Error('no port');
    return createFake();
  });
  await service.start();
  launched[0]?.end('exit code 1');
  await expect.poll(() => launched.length, { timeout: 5_000, interval: 10 }).toBe(2);
  expect(said.map((line) => line.split('.')[0])).toEqual(['api ended: exit code 1', 'api ended: no port']);
  await service.stop(soon());
});

it('fails to start when the first launch fails', async () => {
  const { service, said } = setUp(async () => {
    throw new Error('no such program');
  });
  await expect(service.start()).rejects.toThrow('no such program');
  await service.stop(soon());
  expect(said).toEqual([]);
});

it('does not start it again after a stop', async () => {
  const { service, launched, said } = setUp();
  await service.start();
  await service.stop(soon());
  await service.stop(soon());
  expect(launched).toHaveLength(1);
  expect(said).toEqual([]);
  await expect(service.start()).rejects.toThrow('stopped before');
});

it('ends a launch that is under way when it is stopped', async () => {
  const { service } = setUp(
    async (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('cut off')));
      }),
  );
  const starting = service.start();
  await Promise.all([expect(starting).rejects.toThrow('cut off'), service.stop(soon())]);
});

it('kills it when the deadline is over', async () => {
  const { service, launched } = setUp(async () => createFakeThatStaysUp());
  await service.start();
  await service.stop(AbortSignal.timeout(20));
  expect(await launched[0]?.exited).toBe('killed');
});

import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort, isPortFree, keepOrFreePort } from './free-port.ts';

const occupy = async (port: number) => {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { [Symbol.dispose]: () => void server.close() };
};

it('passes over a port when it is taken', async () => {
  const taken = await freePort(Math.random);
  using _server = await occupy(taken);
  const share = (taken - 15_000) / 17_000;
  const draws = [share + 1e-9, share + 1e-9, 0.5];
  expect(await freePort(() => draws.shift() ?? Math.random())).not.toBe(taken);
  expect(await isPortFree(taken)).toBe(false);
});

it('stays below the ports that outgoing connections are given', async () => {
  expect(await freePort(() => 0.999_999)).toBeLessThan(32_000);
});

it('keeps a port when it is free, and replaces it when it is taken', async () => {
  const port = await freePort(Math.random);
  expect(await keepOrFreePort(port, Math.random)).toBe(port);
  using _server = await occupy(port);
  expect(await keepOrFreePort(port, Math.random)).not.toBe(port);
});

it('gives up when nothing is free', async () => {
  const port = await freePort(Math.random);
  using _server = await occupy(port);
  await expect(freePort(() => (port - 15_000) / 17_000 + 1e-9)).rejects.toThrow('no free port');
});

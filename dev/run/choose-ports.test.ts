import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { choosePorts } from './choose-ports.ts';

/** Whoever has it, it is taken then. */
const take = async (port: number) => {
  const server = createServer();
  const taken = Promise.race([once(server, 'listening'), once(server, 'error').catch(() => undefined)]);
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  await taken.catch(() => undefined);
  return { [Symbol.dispose]: () => void server.close() };
};

it('says which port it uses when the usual one is taken', async () => {
  using _taken = await take(8080);
  const said: string[] = [];
  const ports = await choosePorts({}, (line) => said.push(line));
  expect(said).toContain(`port 8080 is taken by another program: using ${ports.public} instead`);
});

it('refuses when a port that was asked for is taken', async () => {
  using _taken = await take(8080);
  await expect(choosePorts({ PORT: 8080 }, () => undefined)).rejects.toThrow(
    'PORT=8080: this port is taken by another program',
  );
});

import { expect, it } from 'vitest';
import type { ServerResponse } from 'node:http';
import { useStandIn } from '../testing/use-stand-in.ts';

const textOf =
  (...pieces: string[]) =>
  (_: unknown, res: ServerResponse): void => {
    res.writeHead(200, { 'content-type': 'application/json' });
    for (const piece of pieces) res.write(piece);
    res.end();
  };

it('comes as a stream, a text, JSON or bytes', async () => {
  const { client } = await useStandIn([textOf('{"a":', '1}')]);
  const output = await client.output('j1');
  expect(output.mediaType).toBe('application/json');
  expect(await output.text()).toBe('{"a":1}');
  expect(await (await client.output('j1')).json()).toEqual({ a: 1 });
  expect([...(await (await client.output('j1')).bytes())]).toHaveLength(7);
  const pieces: number[] = [];
  for await (const piece of (await client.output('j1')).stream) pieces.push(...piece);
  expect(pieces).toHaveLength(7);
});

it('is given up when the server falls silent in the middle', async () => {
  const { client } = await useStandIn([(_, res) => void res.write('half')], { timeoutMs: 100 });
  const output = await client.output('j1');
  await expect(output.text()).rejects.toMatchObject({ code: 'timeout' });
});

it('closes the connection when its stream is cancelled', async () => {
  let isClosed = false;
  const { client } = await useStandIn([
    (_, res) => {
      res.on('close', () => {
        isClosed = true;
      });
      res.write('half');
    },
  ]);
  const output = await client.output('j1');
  const reader = output.stream.getReader();
  await reader.read();
  await reader.cancel();
  await expect.poll(() => isClosed).toBe(true);
});

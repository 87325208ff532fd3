import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { requireTask } from './require-task.ts';

const serving = async (status: number, body: unknown) => {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const apiUrl = `http://127.0.0.1:${address.port}`;
  return { apiUrl, [Symbol.dispose]: () => void server.close() };
};

const required = (apiUrl: string) => ({ apiUrl, token: 't', task: 'factorial' });

it('says what is served when the task is not among it', async () => {
  using api = await serving(200, { tasks: [{ name: 'shout' }, { name: 'echo' }] });
  await expect(requireTask(required(api.apiUrl))).rejects.toThrow(
    `This needs the task factorial, and ${api.apiUrl} serves shout, echo.`,
  );
});

it('is content when the task is served, and when the system does not tell', async () => {
  using api = await serving(200, { tasks: [{ name: 'factorial' }] });
  await expect(requireTask(required(api.apiUrl))).resolves.toBeUndefined();
  using other = await serving(403, { title: 'Forbidden' });
  await expect(requireTask(required(other.apiUrl))).resolves.toBeUndefined();
  await expect(requireTask(required('http://127.0.0.1:1'))).resolves.toBeUndefined();
});

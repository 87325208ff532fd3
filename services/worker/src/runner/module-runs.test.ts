import { expect, it } from 'vitest';
import { createModuleRuns } from './module-runs.ts';

it('cancels the attempt that is named, and no other one of the same job', async () => {
  const ended = Promise.withResolvers<void>();
  const signals: unknown[] = [];
  const isReady = Promise.withResolvers<void>();
  const run = async (_input: unknown, context: unknown): Promise<void> => {
    signals.push(Reflect.get(Object(context), 'signal'));
    await ended.promise;
  };
  const runs = createModuleRuns({
    load: async () => Promise.resolve({ run }),
    write: ({ type }) => {
      if (type === 'ready') isReady.resolve();
    },
    die: isReady.reject,
    nowMs: () => 0,
  });
  runs.take({ type: 'setup' });
  await isReady.promise;
  runs.take({ type: 'run', id: 'a', attempt: 1, input: {} });
  runs.take({ type: 'cancel', id: 'a', attempt: 2 });
  expect(signals).toMatchObject([{ aborted: false }]);
  runs.take({ type: 'cancel', id: 'a', attempt: 1 });
  expect(signals).toMatchObject([{ aborted: true }]);
  ended.resolve();
  await runs.stop();
});

const messagesOf = async (run: () => Promise<unknown>): Promise<unknown[]> => {
  const written: unknown[] = [];
  const told = Promise.withResolvers<void>();
  const runs = createModuleRuns({
    load: async () => Promise.resolve({ run }),
    write: (message) => {
      written.push(message);
      if (message['type'] === 'ready') runs.take({ type: 'run', id: 'a', attempt: 1, input: {} });
      if (message['type'] === 'error') told.resolve();
    },
    die: told.reject,
    nowMs: () => 0,
  });
  runs.take({ type: 'setup' });
  await told.promise;
  return written.slice(1);
};

it('logs where a mistake of the handler lies, before it tells the error', async () => {
  const thrown = new TypeError('no foo');
  const messages = await messagesOf(async () => Promise.reject(thrown));
  expect(messages).toMatchObject([
    { type: 'log', text: expect.stringMatching(/^TypeError: no foo\n +at .*module-runs\.test\.ts/) },
    { type: 'error', message: 'no foo', retry: 'backoff' },
  ]);
});

it.each(['never', 'later'])(
  'logs no stack of what a handler throws on purpose, to be tried %s',
  async (retry) => {
    const thrown = Object.assign(new Error('as planned'), { retry });
    expect(await messagesOf(async () => Promise.reject(thrown))).toMatchObject([{ type: 'error', retry }]);
  },
);

it.each([
  ['a Buffer', Buffer.from([137, 80])],
  ['a typed array', new Float32Array(2)],
  ['an ArrayBuffer', new ArrayBuffer(2)],
])('refuses %s for good: JSON would make something else of it', async (_name, output) => {
  const messages = await messagesOf(async () => Promise.resolve(output));
  expect(messages).toMatchObject([{ type: 'error', code: 'output-not-json', retry: 'never' }]);
});

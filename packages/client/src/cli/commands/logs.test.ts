import { expect, it } from 'vitest';
import { runFactorial } from '../../testing/run-factorial.ts';
import { event, json, stream } from '../../testing/stand-in-api.ts';
import { job, useStandIn } from '../../testing/use-stand-in.ts';

const logs = async (
  args: readonly string[],
  events: readonly string[],
  { end = 'ends', terminal = false }: { end?: 'ends' | 'stays'; terminal?: boolean } = {},
) => {
  const { api } = await useStandIn([json(200, job('processing')), stream(events, end)]);
  const env = { API_URL: api.url, TOKEN: 'a.b.c' };
  return runFactorial(['logs', 'j1', ...args], { env, terminal });
};

const running = [
  event('1', 'queued', { reason: 'accepted' }),
  event('2', 'log', { text: 'loading\n' }),
  event('3', 'output', { text: 'Hel' }),
  event('4', 'log', { text: 'a\nb\n' }),
];

const retried = [
  event('1', 'started'),
  event('2', 'log', { text: 'first\n' }),
  event('3', 'cancelled'),
  event('4', 'queued', { reason: 'retried' }),
  event('5', 'started', { attempt: 2 }),
  event('6', 'log', { attempt: 2, text: 'second\n' }),
  event('7', 'done', { attempt: 2, outputBytes: 1, outputMediaType: 'text/plain' }),
];

it.each([
  ['the log', [], 'loading\na\nb\n'],
  ['the output', ['--output'], 'Hel'],
])('prints %s, and ends where there is no more yet', async (_, options, text) => {
  expect(await logs(options, running, { end: 'stays' })).toEqual({ code: 0, out: text, err: '' });
});

it('follows to the end, event by event', async () => {
  const { out } = await logs(['-f', '--events'], [...running, event('5', 'done')]);
  expect(out.split('\n')).toHaveLength(6);
  expect(out).toContain('attempt 1  log        "a\\nb\\n"');
});

it('has what came before a retry and what came after', async () => {
  expect((await logs([], retried)).out).toBe('first\nsecond\n');
  const { out } = await logs(['--events'], retried);
  expect(out.split('\n')).toHaveLength(8);
  expect(out).toMatch(/attempt 1 {2}cancelled[^]*attempt 2 {2}log/);
});

it('keeps attempts apart, on stderr, so that the text stays what it is', async () => {
  const again = [
    event('1', 'output', { text: 'Hel' }),
    event('2', 'queued', { reason: 'failed' }),
    event('3', 'output', { attempt: 2, text: 'Hello' }),
    event('4', 'done', { attempt: 2, outputBytes: 5, outputMediaType: 'text/plain' }),
  ];
  const options = ['-f', '--output'];
  expect(await logs(options, again)).toEqual({ code: 0, out: 'HelHello', err: '── attempt 2 ──\n' });
  expect((await logs(options, again, { terminal: true })).out).toBe('Hel\nHello\n');
  expect((await logs([], retried)).err).toBe('── attempt 2 ──\n');
});

it('adds no line end to a text that has one', async () => {
  expect((await logs([], running, { terminal: true })).out).toBe('loading\na\nb\n');
});

it.each([
  [
    'failed',
    { error: { code: 'task-error', message: 'it broke', retryable: false } },
    'job j1 ended as failed: it broke (task-error)\n',
  ],
  ['cancelled', {}, 'job j1 ended as cancelled\n'],
])('says how a job ended that %s', async (type, data, says) => {
  expect(await logs(['-f'], [...running, event('5', type, data)])).toMatchObject({ code: 0, err: says });
});

it.each([
  [[], 'ends', 'It logged nothing.\n'],
  [['--output'], 'ends', 'It streamed no output.\n'],
  [[], 'stays', 'It has logged nothing yet.\n'],
] as const)('says that there was nothing: %j when the stream %s', async (options, end, says) => {
  const events = [event('1', 'started'), ...(end === 'ends' ? [event('2', 'done')] : [])];
  expect(await logs(options, events, { end })).toEqual({ code: 0, out: '', err: says });
});

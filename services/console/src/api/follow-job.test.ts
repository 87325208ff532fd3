import { expect, test } from 'vitest';
import { ApiError, unreachable } from './api-error.ts';
import { followJob, type StreamState } from './follow-job.ts';
import type { Request, RequestOptions } from './request.ts';

const event = (id: string, type: string, data: object): string =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ attempt: 1, at: '2026-11-25T00:00:00.000Z', ...data })}\n\n`;

const final = { outputBytes: 2, outputMediaType: 'text/plain' };

/** Answers each request with the next of the given answers, and notes what was asked for. */
const scripted = (answers: readonly (() => Response)[]) => {
  const asked: (string | undefined)[] = [];
  const request: Request = async (...[, options]: [string, RequestOptions?]) => {
    const answer = answers[asked.length];
    asked.push(options?.headers?.['last-event-id']);
    if (!answer) throw new Error('nobody expected another request');
    return answer();
  };
  return { request, asked };
};

const follow = async (answers: readonly (() => Response)[], after?: string) => {
  const { request, asked } = scripted(answers);
  const seen: string[] = [];
  const states: StreamState[] = [];
  await followJob(
    { request, random: () => 0 },
    {
      id: 'a job',
      after,
      onEvent: ({ type }, id) => seen.push(`${id} ${type}`),
      onState: (state) => states.push(state),
      signal: AbortSignal.timeout(10_000),
    },
  );
  return { asked, seen, states };
};

test('a stream that breaks off is resumed after its last event, and ends with the final one', async () => {
  const { asked, seen, states } = await follow([
    () => new Response(event('1', 'queued', { reason: 'accepted' }) + event('2', 'started', {})),
    () => {
      throw unreachable();
    },
    () => new Response(event('3', 'done', final)),
  ]);
  expect(asked).toEqual([undefined, '2', '2']);
  expect(seen).toEqual(['1 queued', '2 started', '3 done']);
  expect(states).toEqual(['connecting', 'live', 'away', 'away', 'live', 'ended']);
});

test('a job that was retried is told from its first life to the end of its last', async () => {
  const { asked, seen, states } = await follow([
    () =>
      new Response(
        event('1', 'cancelled', {}) + event('2', 'queued', { reason: 'retried' }) + event('3', 'done', final),
      ),
  ]);
  expect(asked).toEqual([undefined]);
  expect(seen).toEqual(['1 cancelled', '2 queued', '3 done']);
  expect(states.at(-1)).toBe('ended');
});

test('a job whose last event is known has nothing more to tell', async () => {
  const { asked, seen, states } = await follow([() => new Response(null, { status: 204 })], '9');
  expect({ asked, seen, states }).toEqual({ asked: ['9'], seen: [], states: ['connecting', 'ended'] });
});

test('a job that is not there is not asked for again', async () => {
  const missing = (): never => {
    throw new ApiError({ status: 404, code: 'job-not-found', title: 'No such job', detail: '' });
  };
  expect((await follow([missing])).states).toEqual(['connecting', 'refused']);
});

test('an event of a kind that is not known, or with data that cannot be read, is passed over', async () => {
  const { seen } = await follow([
    () =>
      new Response(
        event('1', 'sneezed', {}) + 'id: 2\nevent: started\ndata: {\n\n' + event('3', 'done', final),
      ),
  ]);
  expect(seen).toEqual(['3 done']);
});

import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { breakOff, event, json, problem, stream } from '../testing/stand-in-api.ts';
import { useStandIn } from '../testing/use-stand-in.ts';
import type { JobEvent } from './job-event.ts';

const read = async (events: AsyncIterable<JobEvent>): Promise<string[]> => {
  const read: string[] = [];
  for await (const { id, type } of events) read.push(`${id} ${type}`);
  return read;
};

const gone = (_: unknown, res: ServerResponse): void => {
  res.writeHead(204).end();
};

describe('the events of a job', () => {
  it('end after the final one, when the server ends the stream', async () => {
    const { api, client } = await useStandIn([
      stream([event('1', 'queued'), ': keep-alive\n\n', event('2', 'done')]),
    ]);
    expect(await read(client.events('j1'))).toEqual(['1 queued', '2 done']);
    expect(api.asked).toHaveLength(1);
    expect(api.asked[0]).toMatchObject({
      path: '/v1/jobs/j1/events',
      headers: { accept: 'text/event-stream' },
    });
  });

  it('go on after the last one that came when the connection breaks, and none comes twice', async () => {
    const { api, client } = await useStandIn([
      stream([event('1', 'queued'), event('2', 'started')], 'breaks'),
      breakOff,
      problem(503, 'shutting-down'),
      stream([event('2', 'started'), event('3', 'progress', { value: 0.5, message: '' })], 'breaks'),
      stream([event('4', 'done')]),
    ]);
    expect(await read(client.events('j1'))).toEqual(['1 queued', '2 started', '3 progress', '4 done']);
    expect(api.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2', '2', '3']);
  });

  it('are over when there is nothing after the last one', async () => {
    const { client } = await useStandIn([stream([event('1', 'failed', {})], 'breaks'), gone]);
    expect(await read(client.events('j1'))).toEqual(['1 failed']);
  });

  it('go on after a failure that was retried, as long as the server does', async () => {
    const { client } = await useStandIn([
      stream([event('1', 'failed'), event('2', 'queued'), event('3', 'done')]),
    ]);
    expect(await read(client.events('j1'))).toEqual(['1 failed', '2 queued', '3 done']);
  });

  it('begin after the one that is named', async () => {
    const { api, client } = await useStandIn([gone]);
    expect(await read(client.events('j1', { after: '9' }))).toEqual([]);
    expect(api.asked[0]?.headers['last-event-id']).toBe('9');
  });

  it('hold none of a type that only a newer server knows', async () => {
    const { client } = await useStandIn([stream([event('1', 'thought'), event('2', 'done')])]);
    expect(await read(client.events('j1'))).toEqual(['2 done']);
  });

  it('are no longer asked for when the loop is left', async () => {
    let isClosed = false;
    const { api, client } = await useStandIn([
      (asked, res) => {
        res.on('close', () => {
          isClosed = true;
        });
        return stream([event('1', 'queued')], 'stays')(asked, res);
      },
    ]);
    for await (const _ of client.events('j1')) break;
    await expect.poll(() => isClosed).toBe(true);
    expect(api.asked).toHaveLength(1);
  });

  it('end with the reason of the signal', async () => {
    const { client } = await useStandIn([stream([event('1', 'queued')], 'stays')]);
    const left = new AbortController();
    const reason = new Error('no longer wanted');
    const reading = (async () => {
      for await (const _ of client.events('j1', { signal: left.signal })) left.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
  });

  it('are given up when streams end again and again and bring nothing', async () => {
    const { api, client } = await useStandIn([stream([])], { retries: 2 });
    await expect(read(client.events('j1'))).rejects.toMatchObject({ code: 'unreachable' });
    expect(api.asked).toHaveLength(3);
  });

  it.each([
    ['the job is not there', problem(404, 'job-not-found'), 'job-not-found'],
    ['something else answers', json(200, {}), 'unexpected-answer'],
    ['an event is no JSON', stream(['id: 1\nevent: done\ndata: {\n\n']), 'unexpected-answer'],
  ])('are refused when %s', async (_, answer, code) => {
    const { api, client } = await useStandIn([answer]);
    await expect(read(client.events('j1'))).rejects.toMatchObject({ code });
    expect(api.asked).toHaveLength(1);
  });
});

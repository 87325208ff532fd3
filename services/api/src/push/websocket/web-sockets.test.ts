import { said, textOutput } from '@factorial/core/testing/test-job-store';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestWebSockets, type TestWebSockets } from '../../testing/test-web-sockets.ts';

let test: TestWebSockets;
beforeEach(async () => {
  test = await startTestWebSockets();
});
afterEach(async () => test.close());

const finish = async (id: string): Promise<void> => {
  await test.store.leases.complete(await test.store.claimed(id), textOutput('120'));
};
const nobodyFollows = async () => waitUntil(() => test.hub.following() === 0, { what: 'nobody follows' });

describe('a subscription', () => {
  it('tells a job from its first event to its last, as they happen, and ends by itself', async () => {
    const socket = await test.open();
    const id = await test.store.accepted();
    socket.say({ subscribe: [id] });
    await socket.until(() => socket.kinds() === 'queued', 'the first event');
    expect(socket.frames[0]).toEqual({ subscribed: [id] });
    const attempt = await test.store.claimed(id);
    await socket.until(() => socket.kinds() === 'queued started', 'the start');
    await test.store.leases.progress(attempt, said(0.5, 'half', { log: 'a line\n', output: '12' }));
    await test.store.leases.complete(attempt, textOutput('120'));
    await socket.until(() => socket.kinds() === 'queued started progress log output done', 'the end');
    expect(socket.events().map(({ data }) => data)).toMatchObject([
      { attempt: 0, reason: 'accepted' },
      { attempt: 1 },
      { attempt: 1, value: 0.5, message: 'half' },
      { attempt: 1, text: 'a line\n' },
      { attempt: 1, text: '12' },
      { attempt: 1, outputBytes: 3, outputMediaType: 'text/plain' },
    ]);
    for (const event of socket.events()) {
      expect(event.job).toBe(id);
      expect(event.id).toMatch(new RegExp(String.raw`^\d+-\d+\.${id.slice(0, 8)}$`));
    }
    await nobodyFollows();
    expect(socket.errors()).toEqual([]);
  });

  it('tells many jobs at once, each in its order', async () => {
    const socket = await test.open();
    const ids = await Promise.all(Array.from({ length: 50 }, async () => test.store.accepted()));
    socket.say({ subscribe: ids });
    await Promise.all(ids.map(finish));
    await socket.until(() => socket.events().length === 150, 'all of them');
    for (const id of ids) expect(socket.kinds(id)).toBe('queued started done');
  });

  it('goes on after an event that is known', async () => {
    const id = await test.store.accepted();
    const early = await test.open();
    early.say({ subscribe: [id] });
    await early.until(() => early.events().length === 1, 'the first event');
    early.ws.close();
    await early.closed;
    await finish(id);
    const late = await test.open();
    late.say({ subscribe: [{ id, after: early.events()[0]?.id }] });
    await late.until(() => late.kinds() === 'started done', 'the rest');
    late.say({ subscribe: [{ id, after: late.events().at(-1)?.id }] });
    await late.until(() => late.frames.length === 4, 'the answer');
    expect(late.frames.at(-1)).toEqual({ subscribed: [id] });
    late.say({ unsubscribe: [] });
    await late.until(() => late.frames.length === 5, 'another answer');
    expect(late.frames.at(-1)).toEqual({ unsubscribed: [] });
  });

  it('tells a job that has ended, one too that has no event of it', async () => {
    const [id, silent] = [await test.store.accepted(), await test.store.accepted()];
    await Promise.all([finish(id), finish(silent)]);
    await test.redis.redis.del(test.redis.keys.events(silent));
    const socket = await test.open();
    socket.say({ subscribe: [id, silent] });
    await socket.until(() => socket.kinds(id) === 'queued started done', 'what happened');
    await socket.until(() => socket.kinds(silent) === 'done', 'the end alone');
    expect(test.hub.following()).toBe(0);
  });

  it('that is there already stays as it is', async () => {
    const socket = await test.open();
    const id = await test.store.accepted();
    socket.say({ subscribe: [id, id] });
    await socket.until(() => socket.kinds() === 'queued', 'the first event');
    socket.say({ subscribe: [id] });
    await finish(id);
    await socket.until(() => socket.kinds() === 'queued started done', 'each once');
    expect(socket.frames.filter((frame) => 'subscribed' in frame)).toEqual([
      { subscribed: [id] },
      { subscribed: [id] },
    ]);
  });

  it('is told of no more after unsubscribe', async () => {
    const socket = await test.open();
    const [left, kept] = [await test.store.accepted(), await test.store.accepted()];
    socket.say({ subscribe: [left, kept] });
    await socket.until(() => socket.events().length === 2, 'the first events');
    socket.say({ unsubscribe: [left, 'never-subscribed'] });
    await socket.until(() => socket.frames.length === 4, 'the answer');
    expect(socket.frames.at(-1)).toEqual({ unsubscribed: [left, 'never-subscribed'] });
    await finish(left);
    await finish(kept);
    await socket.until(() => socket.kinds(kept) === 'queued started done', 'the other job');
    expect(socket.kinds(left)).toBe('queued');
  });

  it('of a job of somebody else, of none and of one that is gone is refused, and the others are not', async () => {
    const socket = await test.open();
    const [mine, theirs, gone] = [
      await test.store.accepted(),
      await test.store.accepted({ owner: 'bob' }),
      await test.store.accepted(),
    ];
    await finish(gone);
    await test.store.retention.expire(gone, 'now');
    socket.say({ subscribe: [theirs, mine, 'none', gone] });
    await socket.until(() => socket.errors().length === 3, 'the errors');
    expect(socket.frames[0]).toEqual({ subscribed: [mine] });
    const errors = new Map(
      socket.frames.flatMap((frame) => ('error' in frame ? [[frame.job, frame.error]] : [])),
    );
    expect(errors.get(theirs)).toMatchObject({ status: 404, code: 'job-not-found', title: 'No such job' });
    expect(errors.get('none')).toEqual(errors.get(theirs));
    expect(errors.get(gone)).toMatchObject({ status: 410, code: 'job-expired', finalStatus: 'done' });
    expect(errors.get(gone)).not.toHaveProperty('type');
    await finish(mine);
    await socket.until(() => socket.kinds(mine) === 'queued started done', 'the job that is its own');
  });

  it('after an event of another job is refused', async () => {
    const socket = await test.open();
    const [id, other] = [await test.store.accepted(), await test.store.accepted()];
    socket.say({ subscribe: [other] });
    await socket.until(() => socket.events().length === 1, 'an event');
    const after = socket.events()[0]?.id;
    socket.say({ subscribe: [{ id, after }] });
    await socket.until(() => socket.errors().length === 1, 'the error');
    expect(socket.frames.at(-1)).toMatchObject({ job: id, error: { status: 400, code: 'invalid-event-id' } });
    expect(socket.kinds(id)).toBe('');
  });
});

describe('the end', () => {
  it('of the server closes all with 1001, and waits for none that does not answer', async () => {
    const sockets = await Promise.all([test.open(), test.open()]);
    const deaf = await test.open();
    deaf.ws.pause();
    const id = await test.store.accepted();
    sockets[0]?.say({ subscribe: [id] });
    await waitUntil(() => test.hub.following() === 1, { what: 'it follows' });
    const began = performance.now();
    await test.server.stop(AbortSignal.timeout(10_000));
    expect(performance.now() - began).toBeLessThan(3_000);
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1001 });
    expect(test.hub.following()).toBe(0);
    await waitUntil(() => test.streams.count('websocket') === 0, { what: 'no stream is open' });
  });

  it('of the client leaves nobody who follows', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, async () => test.open()));
    const ids = await Promise.all(Array.from({ length: 20 }, async () => test.store.accepted()));
    for (const socket of sockets) socket.say({ subscribe: ids });
    await waitUntil(() => test.hub.following() === 400, { what: 'all follow all' });
    expect(test.streams.count('websocket')).toBe(20);
    sockets.forEach(({ ws }, index) => (index % 2 === 0 ? ws.terminate() : ws.close()));
    await nobodyFollows();
    await waitUntil(() => test.streams.count('websocket') === 0, { what: 'no stream is open' });
  });
});

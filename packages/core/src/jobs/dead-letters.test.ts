import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RawDeadLetter, readDeadLetter } from '../queue/dead-letter.ts';
import { createTestJobStore, type TestJobStore } from '../testing/test-job-store.ts';
import { createTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { keptBodyBytes, mostDeadLetters } from './redis-dead-letters.ts';

let testRedis: TestRedis;
let store: TestJobStore;
beforeAll(async () => {
  testRedis = await createTestRedis();
  store = createTestJobStore(testRedis);
});
afterAll(async () => testRedis.close());
beforeEach(async () => {
  const { deadLetters } = store;
  await deadLetters.drop((await deadLetters.places()).map(({ id }) => id));
});

const nowMs = 1_900_000_000_000;
const letter = (body: string, changes: Partial<RawDeadLetter> = {}): RawDeadLetter => ({
  reason: 'not_json',
  detail: 'the body is not JSON',
  content: Buffer.from(body),
  diedAtMs: undefined,
  messageId: undefined,
  contentType: undefined,
  traceparent: undefined,
  ...changes,
});
const keep = async (pool: string, ...letters: RawDeadLetter[]) =>
  store.deadLetters.keep(pool, letters, nowMs);
const ids = async () => (await store.deadLetters.places()).map(({ id }) => id);

describe('dead letters', () => {
  test('are told in the order in which they came, with all that was kept of them', async () => {
    await keep('a', letter('first', { diedAtMs: 7, messageId: 'm:1', contentType: 'text/plain' }));
    await keep('b', letter('second'), letter('third', { traceparent: '00-1-2-01' }));
    const places = await store.deadLetters.places();
    expect(places.map(({ pool }) => pool)).toEqual(['a', 'b', 'b']);
    expect(places.map(({ order }) => order)).toEqual(
      places.map(({ order }) => order).toSorted((x, y) => x - y),
    );
    const read = await store.deadLetters.read(places.map(({ id }) => id));
    expect(read.map(({ body }) => body.toString())).toEqual(['first', 'second', 'third']);
    expect(read[0]).toMatchObject({
      id: places[0]?.id,
      pool: 'a',
      reason: 'not_json',
      deadAt: 7,
      messageId: 'm:1',
      contentType: 'text/plain',
      bytes: 5,
    });
    expect([read[1]?.deadAt, read[2]?.traceparent]).toEqual([nowMs, '00-1-2-01']);
  });

  test('are kept whole up to 8 KiB, and beyond that their beginning, whatever bytes they are of', async () => {
    const whole = Buffer.from(Array.from({ length: keptBodyBytes }, (_, index) => index % 256));
    await keep('a', letter('', { content: whole }), letter('', { content: Buffer.concat([whole, whole]) }));
    const [one, other] = await store.deadLetters.read(await ids());
    expect(one).toMatchObject({ bytes: keptBodyBytes, isWhole: true });
    expect(other).toMatchObject({ bytes: 2 * keptBodyBytes, isWhole: false });
    expect([one?.body.equals(whole), other?.body.equals(whole)]).toEqual([true, true]);
  });

  test.each(['\u0000', '"', '€', '😀', '\uD83D', '\uFFFD'])(
    'take 8 MiB together at most when all that strangers have written is %j',
    async (character) => {
      const longest = (bytes: number) => character.repeat(Math.floor(bytes / Buffer.byteLength(character)));
      const headers = {
        'x-factorial-reason': 'unknown_version',
        'x-factorial-detail': character.repeat(60_000),
        'x-factorial-died-at': 1_900_000_000_000.123,
        'x-first-death-reason': longest(255),
        traceparent: '0'.repeat(128),
      };
      const properties = { headers, messageId: longest(255), contentType: longest(255) };
      await keep('p'.repeat(63), readDeadLetter({ content: Buffer.alloc(20_000), properties }));
      const [id = ''] = await ids();
      const bytes = await testRedis.redis.strlen(testRedis.keys.deadLetter(id));
      expect(bytes).toBeGreaterThan(keptBodyBytes);
      expect(mostDeadLetters * bytes).toBeLessThanOrEqual(8 * 1024 * 1024);
    },
  );

  test('are told, the others too, when what is stored of one cannot be read', async () => {
    await keep('a', letter('well'), letter('no JSON'), letter('of a wrong form'), letter('of no time'));
    const all = await ids();
    const stored: unknown = JSON.parse(
      (await testRedis.redis.get(testRedis.keys.deadLetter(all[3] ?? ''))) ?? '',
    );
    const texts = ['no JSON', '{"pool":7}', JSON.stringify(Object.assign({}, stored, { deadAt: 1e300 }))];
    await Promise.all(
      texts.map(async (text, at) => testRedis.redis.set(testRedis.keys.deadLetter(all[at + 1] ?? ''), text)),
    );
    const [well, ...broken] = await store.deadLetters.read(all);
    expect(well).toMatchObject({ isWhole: true, deadAt: nowMs });
    expect(broken.map(({ id }) => id)).toEqual(all.slice(1));
    expect(broken.map(({ body }) => body.toString())).toEqual(texts);
    for (const one of broken) {
      expect(one).toMatchObject({ pool: 'a', reason: 'unknown', isWhole: false });
      expect(one.deadAt).toBeUndefined();
    }
    expect(await store.deadLetters.drop(all)).toBe(4);
  });

  test('are kept all or none when there is no room for all', async () => {
    const many = Array.from({ length: mostDeadLetters - 1 }, () => letter('x'));
    expect(await keep('a', ...many)).toBe('kept');
    expect(await keep('a', letter('y'), letter('z'))).toBe('full');
    expect(await store.deadLetters.count()).toBe(mostDeadLetters - 1);
    expect(await keep('a', letter('y'))).toBe('kept');
    expect(await keep('a', letter('z'))).toBe('full');
    expect(await store.deadLetters.count()).toBe(mostDeadLetters);
  });

  test('leave nothing behind when they are dropped, and are counted once', async () => {
    const before = (await testRedis.keyNames()).sort();
    await keep('a', letter('x'), letter('y'));
    const all = await ids();
    expect(await store.deadLetters.hold(all[0] ?? '')).toBe(true);
    expect(await store.deadLetters.drop([...all, 'a:unknown'])).toBe(2);
    expect(await store.deadLetters.drop(all)).toBe(0);
    expect(await store.deadLetters.drop([])).toBe(0);
    expect([await store.deadLetters.read(all), await ids()]).toEqual([[], []]);
    // The counter that gives places was there from the first test on.
    expect((await testRedis.keyNames()).sort()).toEqual(before);
  });

  test('are held by one at a time, for half a minute unless they are released', async () => {
    await keep('a', letter('x'));
    const [id = ''] = await ids();
    expect(await store.deadLetters.hold(id)).toBe(true);
    expect(await store.deadLetters.hold(id)).toBe(false);
    expect(await testRedis.redis.pttl(testRedis.keys.deadLetterHold(id))).toBeGreaterThan(20_000);
    await store.deadLetters.release(id);
    expect(await store.deadLetters.hold(id)).toBe(true);
  });
});

import { createFakeClock, type FakeClock } from '@factorial/core/testing/fake-clock';
import { createTestRedis, type TestRedis } from '@factorial/core/testing/test-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStreamTickets, type StreamTickets } from './stream-tickets.ts';

let redis: TestRedis;
let clock: FakeClock;
let tickets: StreamTickets;

beforeAll(async () => {
  redis = await createTestRedis();
});
beforeEach(async () => {
  const left = await redis.keyNames();
  if (left.length > 0) await redis.redis.del(left);
  clock = createFakeClock();
  tickets = createStreamTickets({ ...redis, clock });
});
afterAll(async () => redis.close());

const scopes = new Set(['jobs:read', 'admin']);
const caller = (goodForMs: number) => ({ subject: 'ann', scopes, goodUntilMs: clock.now() + goodForMs });
const unauthorized = expect.objectContaining({ code: 'unauthorized' });

describe('a ticket', () => {
  it('says who has it and until when its token is good, once', async () => {
    const who = caller(600_000);
    const { ticket, expiresInSeconds } = await tickets.issue(who);
    expect(expiresInSeconds).toBe(30);
    expect(await tickets.redeem(ticket)).toEqual(who);
    await expect(tickets.redeem(ticket)).rejects.toEqual(unauthorized);
  });

  it('is good for one of many who show it at once', async () => {
    const { ticket } = await tickets.issue(caller(600_000));
    const answers = await Promise.allSettled(Array.from({ length: 20 }, async () => tickets.redeem(ticket)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is gone after 30 s, or with its token where that is sooner', async () => {
    await tickets.issue(caller(600_000));
    await tickets.issue(caller(10_000));
    const lives = await Promise.all((await redis.keyNames()).map(async (key) => redis.redis.pttl(key)));
    expect(Math.max(...lives)).toBeGreaterThan(25_000);
    expect(Math.max(...lives)).toBeLessThanOrEqual(30_000);
    expect(Math.min(...lives)).toBeGreaterThan(5_000);
    expect(Math.min(...lives)).toBeLessThanOrEqual(10_000);
  });

  it('is refused when its token has ended meanwhile, whatever Redis thinks of the time', async () => {
    const { ticket, expiresInSeconds } = await tickets.issue(caller(10_000));
    expect(expiresInSeconds).toBe(10);
    clock.advance(10_000);
    await expect(tickets.redeem(ticket)).rejects.toEqual(unauthorized);
    await expect(tickets.issue(caller(0))).rejects.toEqual(unauthorized);
  });

  it('does not stand in the store: its hash does', async () => {
    const { ticket } = await tickets.issue(caller(600_000));
    const [key = ''] = await redis.keyNames();
    expect(key).toMatch(/:ticket:[0-9a-f]{64}$/);
    expect(`${key} ${await redis.redis.get(key)}`).not.toContain(ticket);
  });

  it('is 256 random bits', async () => {
    const many = await Promise.all(Array.from({ length: 100 }, async () => tickets.issue(caller(600_000))));
    expect(new Set(many.map(({ ticket }) => ticket)).size).toBe(100);
    for (const { ticket } of many) expect(Buffer.from(ticket, 'base64url')).toHaveLength(32);
  });
});

it.each([
  ['a token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'],
  ['nothing', ''],
  ['a guess', 'A'.repeat(43)],
  ['a pattern', '*'],
])('refuses %s', async (_what, ticket) => {
  await expect(tickets.redeem(ticket)).rejects.toEqual(unauthorized);
});

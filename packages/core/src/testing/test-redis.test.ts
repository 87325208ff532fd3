import { expect, test } from 'vitest';
import { createTestRedis } from './test-redis.ts';

test('shows its own keys only, and leaves none behind when closed', async () => {
  const [mine, other] = [await createTestRedis(), await createTestRedis()];
  await mine.redis.set(mine.keys.job('a'), '1');
  expect(await mine.keyNames()).toEqual([mine.keys.job('a')]);
  expect(await other.keyNames()).toEqual([]);
  await mine.close();
  expect(await other.redis.exists(mine.keys.job('a'))).toBe(0);
  await other.close();
});

import { describe, expect, it } from 'vitest';
import { isDeeperThan } from './json-depth.ts';

const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`);

describe('isDeeperThan', () => {
  it('counts arrays and objects, and bears any depth', () => {
    expect(isDeeperThan(1, 0)).toBe(false);
    expect(isDeeperThan(nested(100), 100)).toBe(false);
    expect(isDeeperThan(nested(101), 100)).toBe(true);
    expect(isDeeperThan({ a: [{ b: 1 }] }, 2)).toBe(true);
    expect(isDeeperThan(nested(5_000), 100)).toBe(true);
  });
});

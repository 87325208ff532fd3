import { describe, expect, test } from 'vitest';
import { redisUrl, urls } from './fields.ts';

describe('a list of URLs', () => {
  const field = urls('amqp', 'amqps');

  test('is one or several', () => {
    expect(field.parse('amqp://one')).toEqual(['amqp://one']);
    expect(field.parse('amqp://one, amqps://two')).toEqual(['amqp://one', 'amqps://two']);
  });

  test('leaves a comma in a password alone', () => {
    expect(field.parse('amqp://ann:a,b@one')).toEqual(['amqp://ann:a,b@one']);
  });

  test.each(['', 'amqp://one,', 'amqp://one,two', 'http://one', 'amqp://one,http://two'])(
    'is refused when it is "%s"',
    (text) => {
      expect(field.safeParse(text).success).toBe(false);
    },
  );
});

describe("Redis's URL", () => {
  test.each(['redis://one', 'rediss://:p@one:1/2', 'redis+sentinel://:p@one,two/jobs'])(
    'may be %s',
    (text) => {
      expect(redisUrl().parse(text)).toBe(text);
    },
  );

  test.each([
    ['http://one', /redis:\/\//],
    ['redis+sentinel://one', /names no primary/],
  ])('is refused when it is %s', (text, why) => {
    expect(redisUrl().safeParse(text).error?.issues[0]?.message).toMatch(why);
  });
});

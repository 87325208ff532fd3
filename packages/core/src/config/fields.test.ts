import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { redisUrl, urls } from './fields.ts';
import { loadConfig } from './load-config.ts';

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

  test.each([
    ['amqp://ann:SECRET,two', /has to be one URL or several/],
    ['amqp://ann:SECRET:one:5672', /has to be one URL or several/],
    ['amqp://ann:SEC/SECRET@one', /has to be one URL or several/],
    ['amqp://one,ann:SECRET@two', /has to be one URL or several/],
    ['amqp://ann:SECRET@one,two', /has to be one URL or several/],
    ['amqp://ann:pw@one,bob:SECRET@two', /@ too many: percent-encode it/],
    ['amqp://ann:p@SECRET@one', /@ too many: percent-encode it/],
    ['amqp://ann:12/SECRET@one', /@ too many: percent-encode it.* a \/ as %2F/],
    ['amqp://ann:12?SECRET@one', /@ too many/],
    ['amqp://ann:12#SECRET@one', /@ too many/],
    ['amqp://one,amqp://ann:12/SECRET@two', /@ too many/],
  ])('is refused when it is %s, without a word of the password', (text, why) => {
    const schema = z.object({ AMQP_URL: field });
    const load = () => loadConfig(schema, { AMQP_URL: text });
    expect(load).toThrow(why);
    expect(load).not.toThrow(/SEC|RET/);
  });
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
    ['redis+sentinel://one,ann:SECRET/jobs', /no\. 2 is no host and port/],
  ])('is refused when it is %s', (text, why) => {
    const told = JSON.stringify(redisUrl().safeParse(text).error?.issues);
    expect(told).toMatch(why);
    expect(told).not.toContain('SECRET');
  });
});

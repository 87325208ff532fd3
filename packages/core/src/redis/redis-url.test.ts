import { describe, expect, test } from 'vitest';
import { isSentinelUrl, parseSentinelUrl } from './redis-url.ts';

describe('the URL of sentinels', () => {
  test('names them, the primary and the credentials', () => {
    const url = 'redis+sentinel://ann:p%40ss@one:1,two,[::1]:3/mymaster?db=2&sentinelPassword=s%26t';
    expect(parseSentinelUrl(url)).toEqual({
      tls: false,
      username: 'ann',
      password: 'p@ss',
      sentinels: [
        { host: 'one', port: 1 },
        { host: 'two', port: 26_379 },
        { host: '::1', port: 3 },
      ],
      name: 'mymaster',
      db: 2,
      sentinelUsername: undefined,
      sentinelPassword: 's&t',
    });
  });

  test('may do without credentials, and with TLS', () => {
    const parsed = parseSentinelUrl('rediss+sentinel://one/jobs');
    expect(parsed).toMatchObject({ tls: true, username: '', password: '', db: 0, name: 'jobs' });
  });

  test('has a password without a user, with a colon in it', () => {
    expect(parseSentinelUrl('redis+sentinel://:a:b@one/jobs')).toMatchObject({
      username: '',
      password: 'a:b',
    });
  });

  test.each([
    ['redis+sentinel://:secret@one,two', /names no primary/],
    ['redis+sentinel://:secret@one,two/', /names no primary/],
    ['redis+sentinel://:secret@/jobs', /names no sentinel/],
    ['redis+sentinel://:secret@one:port/jobs', /"one:port"/],
    ['redis+sentinel://:secret@one,,two/jobs', /names no sentinel/],
    ['redis+sentinel://:secret@one/jobs?db=x', /db/],
    ['redis+sentinel://:secret@one/jobs?sentinel=x', /"sentinel"/],
  ])('is refused when it is %s, without telling the password', (url, why) => {
    expect(() => parseSentinelUrl(url)).toThrow(why);
    expect(() => parseSentinelUrl(url)).not.toThrow(/secret/);
  });

  test('is not that of Redis itself', () => {
    expect(isSentinelUrl('rediss+sentinel://one/jobs')).toBe(true);
    expect(isSentinelUrl('redis://one:6379/0')).toBe(false);
  });
});

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

  test('is percent-decoded in its options, and nothing else is done to them', () => {
    const query = 'sentinelUsername=a+b%20c&sentinelPassword=%3Fp=q+%26%2F%40%25';
    expect(parseSentinelUrl(`redis+sentinel://one/jobs?${query}`)).toMatchObject({
      sentinelUsername: 'a+b c',
      sentinelPassword: '?p=q+&/@%',
    });
  });

  test.each([
    [':SECRET@one,two', /names no primary/],
    [':SECRET@one,two/', /names no primary/],
    [':SECRET@/jobs', /names no sentinel/],
    [':SECRET@one,,two/jobs', /names no sentinel/],
    [':SECRET@one:port/jobs', /no\. 1 is no host and port/],
    ['one:66000/jobs', /no\. 1 is no host and port/],
    ['user:SECRET:host:26379/jobs', /no\. 1 is no host and port/],
    ['one:1,u:SECRET,two/jobs', /no\. 2 is no host and port/],
    ['one:1,two#SECRET/jobs', /no\. 2 is no host and port/],
    [':SECRET@one/jobs?db=x', /db that is no whole number/],
    [':SECRET@one/jobs?sentinel=SECRET', /option other than db, sentinelUsername, sentinelPassword/],
    ['one/jobs?sentinelPassword=ab&SECRET', /option other than .*percent-encode a & in passwords \(%26\)/],
    ['one/jobs?sentinelPassword=ab&SECRET=', /option other than/],
    ['one/jobs?db=1&db=2', /option db twice/],
    ['one/jobs?sentinelPassword=a?SECRET', /more than one \?: percent-encode it in passwords \(%3F\)/],
    [':SEC/RET?SECRET@one:1/jobs', /option other than/],
    [':SEC/SECRET@one:1/jobs', /more than one \/: percent-encode it in passwords \(%2F\)/],
    ['ann:12/SECRET@one:1', /@ behind the \/: percent-encode the \/ in passwords/],
    [
      ':pw@one:1,:SECRET@two:2/jobs',
      /more than one @: percent-encode it .*stand once, before the first host/,
    ],
    [':p@SECRET@one:1/jobs', /more than one @/],
  ])('is refused when it is redis+sentinel://%s, without a word of the password', (rest, why) => {
    const parse = () => parseSentinelUrl(`redis+sentinel://${rest}`);
    expect(parse).toThrow(why);
    expect(parse).not.toThrow(/SEC|RET/);
  });

  test('is not that of Redis itself', () => {
    expect(isSentinelUrl('rediss+sentinel://one/jobs')).toBe(true);
    expect(isSentinelUrl('redis://one:6379/0')).toBe(false);
  });
});

/** Where Redis is: one address, or the sentinels that know it. Read here and nowhere else. */
import { unescape as percentDecoded } from 'node:querystring';
import type { RedisOptions } from 'ioredis';

interface SentinelAddress {
  host: string;
  port: number;
}

export interface SentinelUrl {
  tls: boolean;
  /** Of Redis itself, decoded; empty where it has none. */
  username: string;
  password: string;
  sentinels: SentinelAddress[];
  /** What the sentinels call the primary they watch. */
  name: string;
  db: number;
  sentinelUsername: string | undefined;
  sentinelPassword: string | undefined;
}

const sentinelPort = 26_379;
const sentinelScheme = /^(redis|rediss)\+sentinel:\/\//;
const options = new Set(['db', 'sentinelUsername', 'sentinelPassword']);

export const isSentinelUrl = (url: string): boolean => sentinelScheme.test(url);

/** An `@` in the password has to be written as %40, as in any URL; the last one ends the credentials. */
const splitAuthority = (authority: string) => {
  const at = authority.lastIndexOf('@');
  const credentials = at < 0 ? '' : authority.slice(0, at);
  const [username = '', ...password] = credentials.split(':');
  return {
    username: percentDecoded(username),
    password: percentDecoded(password.join(':')),
    hosts: authority.slice(at + 1).split(','),
  };
};

const parseHost = (text: string): SentinelAddress => {
  if (!URL.canParse(`redis://${text}`)) throw new Error(`has "${text}", which is no host and port`);
  const { hostname, port } = new URL(`redis://${text}`);
  if (hostname === '') throw new Error('names no sentinel');
  return { host: hostname.replaceAll(/^\[|\]$/g, ''), port: port === '' ? sentinelPort : Number(port) };
};

const parseDb = (text: string): number => {
  if (!/^\d{1,5}$/.test(text)) throw new Error('has a db that is no whole number');
  return Number(text);
};

/**
 * `redis+sentinel://user:password@host:port,host:port/name?db=0&sentinelUsername=…&sentinelPassword=…`; with `rediss` Redis
 * and the sentinels are both spoken to by TLS.
 *
 * @throws Error that says what is wrong with it; the words carry no password.
 */
export const parseSentinelUrl = (url: string): SentinelUrl => {
  const rest = url.replace(sentinelScheme, '');
  const [path = '', query = ''] = rest.split('?', 2);
  const slash = path.lastIndexOf('/');
  const name = slash < 0 ? '' : percentDecoded(path.slice(slash + 1));
  if (name === '') throw new Error('names no primary: it ends with /NAME, as the sentinels know it');
  const { hosts, ...credentials } = splitAuthority(path.slice(0, slash));
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].find((key) => !options.has(key));
  if (unknown !== undefined) throw new Error(`has an option "${unknown}" that there is not`);
  return {
    tls: url.startsWith('rediss'),
    ...credentials,
    sentinels: hosts.map(parseHost),
    name,
    db: parseDb(parameters.get('db') ?? '0'),
    sentinelUsername: parameters.get('sentinelUsername') ?? undefined,
    sentinelPassword: parameters.get('sentinelPassword') ?? undefined,
  };
};

/** How long to wait before all sentinels are asked again. */
const sentinelRetryMs = (attempt: number): number => Math.min(attempt * 100, 1_000);

export type AddressOptions = Omit<RedisOptions, 'replyMapping'>;

const sentinelOptions = (url: SentinelUrl): AddressOptions => {
  const { tls, username, password, sentinels, name, db, sentinelUsername, sentinelPassword } = url;
  return {
    sentinels,
    name,
    db,
    role: 'master',
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
    // Those that are named, and no others: an address that one sentinel has of another need not be one that we can reach.
    updateSentinels: false,
    sentinelRetryStrategy: sentinelRetryMs,
    sentinelCommandTimeout: 1_000,
    // A primary that hangs does not say goodbye.
    disconnectTimeout: 500,
    // An old primary that was made a replica refuses writes: ask the sentinels who is the primary.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  };
};

/** What an ioredis client needs to know of the address. */
export type RedisAddress = { url: string } | { sentinel: SentinelUrl; options: AddressOptions };

export const redisAddress = (url: string): RedisAddress => {
  if (!isSentinelUrl(url)) return { url };
  const sentinel = parseSentinelUrl(url);
  return { sentinel, options: sentinelOptions(sentinel) };
};

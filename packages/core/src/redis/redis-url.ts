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
const optionNames = ['db', 'sentinelUsername', 'sentinelPassword'] as const;
type OptionName = (typeof optionNames)[number];

export const isSentinelUrl = (url: string): boolean => sentinelScheme.test(url);

/** In two at the only mark of its kind. Where there are more of them, nobody can tell which of them belong to a password. */
const splitOnce = (text: string, mark: string, advice = ''): [before: string, behind: string | undefined] => {
  const [before = '', behind, ...more] = text.split(mark);
  const encoded = encodeURIComponent(mark);
  if (more.length > 0)
    throw new Error(`has more than one ${mark}: percent-encode it in passwords (${encoded})${advice}`);
  return [before, behind];
};

const parseCredentials = (text: string) => {
  const [username = '', ...password] = text.split(':');
  return { username: percentDecoded(username), password: percentDecoded(password.join(':')) };
};

const hostAndPort = /^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?$/i;

/** What is no address may be a password: it is told by its place in the list. */
const parseHost = (text: string, index: number): SentinelAddress => {
  if (text === '') throw new Error('names no sentinel');
  if (!hostAndPort.test(text) || !URL.canParse(`redis://${text}`))
    throw new Error(`has a list of hosts whose no. ${index + 1} is no host and port`);
  const { hostname, port } = new URL(`redis://${text}`);
  return { host: hostname.replaceAll(/^\[|\]$/g, ''), port: port === '' ? sentinelPort : Number(port) };
};

const parseName = (text: string | undefined): string => {
  const name = percentDecoded(text ?? '');
  if (name === '') throw new Error('names no primary: it ends with /NAME, as the sentinels know it');
  if (text?.includes('@')) throw new Error('has an @ behind the /: percent-encode the / in passwords (%2F)');
  return name;
};

const isOption = (name: string): name is OptionName => optionNames.some((known) => known === name);

/** Not URLSearchParams, which makes a + a space, as HTML forms do. */
const parseOptions = (query: string): Partial<Record<OptionName, string>> => {
  const parsed: Partial<Record<OptionName, string>> = {};
  for (const part of query === '' ? [] : query.split('&')) {
    const [name = '', ...value] = part.split('=');
    if (!isOption(name) || value.length === 0)
      throw new Error(
        `has an option other than ${optionNames.join(', ')}: percent-encode a & in passwords (%26)`,
      );
    if (parsed[name] !== undefined) throw new Error(`has the option ${name} twice`);
    parsed[name] = percentDecoded(value.join('='));
  }
  return parsed;
};

const parseDb = (text: string): number => {
  if (!/^\d{1,5}$/.test(text)) throw new Error('has a db that is no whole number');
  return Number(text);
};

/**
 * `redis+sentinel://user:password@host:port,host:port/name?db=0&sentinelUsername=…&sentinelPassword=…`; with `rediss` Redis
 * and the sentinels are both spoken to by TLS.
 *
 * @throws Error that says what is wrong with it; the words carry nothing of the text.
 */
export const parseSentinelUrl = (url: string): SentinelUrl => {
  const [path, query = ''] = splitOnce(url.replace(sentinelScheme, ''), '?');
  const [authority, name] = splitOnce(path, '/');
  const [first, second] = splitOnce(authority, '@', '; they stand once, before the first host');
  const { db = '0', sentinelUsername, sentinelPassword } = parseOptions(query);
  return {
    tls: url.startsWith('rediss'),
    ...parseCredentials(second === undefined ? '' : first),
    name: parseName(name),
    sentinels: (second ?? first).split(',').map(parseHost),
    db: parseDb(db),
    sentinelUsername,
    sentinelPassword,
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

/** Building blocks of the services' configuration schemas. A field's name carries its unit, its description says what it is for. */
import { z } from 'zod';
import { toError } from '../errors/to-error.ts';
import { isSentinelUrl, parseSentinelUrl } from '../redis/redis-url.ts';

const whole = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN);

/** A whole number in [min, max], given in decimal digits. */
export const integer = (min: number, max: number) =>
  z
    .string()
    .transform(whole)
    .refine((value) => value >= min && value <= max, `has to be a whole number from ${min} to ${max}`);

/** A TCP port; 0 lets the system choose. */
export const port = () => integer(0, 65_535);

const withScheme = (schemes: readonly string[]) => (text: string) => {
  try {
    return schemes.includes(new URL(text).protocol.slice(0, -1));
  } catch {
    return false;
  }
};

/** A URL with one of the schemes. */
export const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      withScheme(schemes),
      `has to be a URL that starts with ${schemes.map((s) => `${s}://`).join(' or ')}`,
    );

/** The URLs of a list that commas part. One in a password is left alone: a further URL begins with its scheme. */
export const splitUrls = (text: string): string[] =>
  text.split(/,(?=\s*[a-z]+:\/\/)/).map((part) => part.trim());

/** A comma in a host or a user was meant to part two URLs. */
const isOneOf = (schemes: readonly string[]) => (text: string) =>
  withScheme(schemes)(text) && !new URL(text).host.includes(',') && !new URL(text).username.includes(',');

/** More than one, or one behind the host: it belongs to a password, or what stands before it to another URL. */
const hasLooseAt = (text: string): boolean => {
  const [authority = '', ...behind] = text.replace(/^[a-z]+:\/\//i, '').split(/(?=[/?#])/);
  return authority.split('@').length > 2 || behind.join('').includes('@');
};

/** One URL or several, comma-separated, each with one of the schemes. What is wrong is told without a word of them. */
export const urls = (...schemes: string[]) =>
  z
    .string()
    .transform(splitUrls)
    .refine((parts) => parts.every(isOneOf(schemes)), {
      error: `has to be one URL or several, comma-separated, that start with ${schemes.map((s) => `${s}://`).join(' or ')}`,
      abort: true,
    })
    .refine(
      (parts) => !parts.some(hasLooseAt),
      'has an @ too many: percent-encode it in passwords (%40), and a / as %2F; each URL of a list starts with its scheme',
    );

const whyNoSentinelUrl = (text: string): string | undefined => {
  try {
    parseSentinelUrl(text);
    return undefined;
  } catch (error) {
    return toError(error).message;
  }
};

/** Redis itself, or its sentinels: `redis+sentinel://user:password@host:port,host:port/name`. */
export const redisUrl = () =>
  z.string().superRefine((text, context) => {
    if (!isSentinelUrl(text)) {
      if (withScheme(['redis', 'rediss'])(text)) return;
      context.addIssue(
        'has to be a URL that starts with redis:// or rediss://, or redis+sentinel:// or rediss+sentinel://',
      );
      return;
    }
    const fault = whyNoSentinelUrl(text);
    if (fault !== undefined)
      context.addIssue(`${fault} (redis+sentinel://user:password@host:port,host:port/name)`);
  });

/** What parts installations that share a Redis: goes into every key, between braces. */
export const redisTag = () => z.string().regex(/^[\w-]{1,64}$/, 'has to be letters, digits, "_" and "-"');

/** `true` or `false`. */
export const flag = () => z.enum(['true', 'false']).transform((text) => text === 'true');

export const logLevel = () => z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']);

/** What is safe in a queue name, a Redis key and a Kubernetes name. */
export const slugPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A name of a pool, task or worker. */
export const slug = () => z.string().regex(slugPattern, 'has to be lower-case letters, digits and hyphens');

/** A value in JSON; a schema behind it (`pipe`) says which. */
export const json = () =>
  z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'has to be JSON' });
      return z.NEVER;
    }
  });

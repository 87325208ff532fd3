/** The transitions of a job as Lua scripts: each runs in Redis as one step, and may be run twice without harm. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import type { Keys } from '../redis/keys.ts';
import { toStoreError } from '../redis/store-error.ts';

export const scriptNames = [
  'accept',
  'claim',
  'beat',
  'progress',
  'stage',
  'complete',
  'fail',
  'release',
  'settle',
  'reap',
  'cancel',
  'retry',
  'expire',
  'repair',
] as const;
export type ScriptName = (typeof scriptNames)[number];

/** Where the scripts lie; another folder in the mutation test. */
const scriptFolder = (): string => process.env['FACTORIAL_SCRIPT_DIR'] ?? `${import.meta.dirname}/scripts`;

/** KEYS of every script, in the order `head.lua` names them. */
const scriptKeys = (keys: Keys): string[] => [
  keys.job(''),
  keys.output(''),
  keys.stagedOutput(''),
  keys.tombstone(''),
  keys.due,
  keys.waiting(''),
  keys.finished,
  keys.sizes,
  keys.pending,
  keys.usedBytes,
  keys.sequence,
  keys.idempotency(''),
  keys.ownerJobs(''),
  keys.pool(''),
  keys.pools,
  keys.finishedChannel,
];

export type ScriptArgument = string | number | Buffer;

/** Runs a script by its digest; a Redis that does not know it yet (a restart) is sent the source. */
export type RunScript = (name: ScriptName, args: readonly ScriptArgument[]) => Promise<ScriptReply>;

/** What scripts answer: a word, then what belongs to it. */
export type ScriptReply = readonly [string, ...(string | number)[]];

const parseReply = (name: string, reply: unknown): ScriptReply => {
  if (!Array.isArray(reply)) throw new Error(`script ${name} answered ${typeof reply}`);
  const [word, ...rest] = reply.map((part: unknown) => (typeof part === 'number' ? part : String(part)));
  return [String(word), ...rest];
};

export const createScriptRunner = (redis: Redis, keys: Keys): RunScript => {
  const head = readFileSync(`${scriptFolder()}/head.lua`, 'utf8');
  const sources = new Map(
    scriptNames.map((name) => {
      const source = `${head}\n${readFileSync(`${scriptFolder()}/${name}.lua`, 'utf8')}`;
      return [name, { source, digest: createHash('sha1').update(source).digest('hex') }];
    }),
  );
  const allKeys = scriptKeys(keys);
  return async (name, args) => {
    const script = sources.get(name);
    if (!script) throw new Error(`no script ${name}`);
    try {
      return parseReply(name, await redis.evalsha(script.digest, allKeys.length, ...allKeys, ...args));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw toStoreError(error);
    }
    try {
      return parseReply(name, await redis.eval(script.source, allKeys.length, ...allKeys, ...args));
    } catch (error) {
      throw toStoreError(error);
    }
  };
};

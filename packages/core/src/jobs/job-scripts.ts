/** The transitions of a job as Lua scripts: each runs in Redis as one step, and may be run twice without harm. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';

export const scriptNames = [
  'accept',
  'recall',
  'claim',
  'beat',
  'progress',
  'stage',
  'complete',
  'fail',
  'release',
  'settle',
  'reap',
  'published',
  'cancel',
  'retry',
  'expire',
  'repair',
  'pause',
  'keep-letters',
  'drop-letters',
  'take-webhooks',
  'record-webhook',
  'replay-webhook',
] as const;
export type ScriptName = (typeof scriptNames)[number];

const scriptFolder = `${import.meta.dirname}/scripts`;

/**
 * What takes new work in, or brings large outputs, stops when Redis is at its memory limit; what runs may end, and what has ended
 * may go. Dead letters, of which there is a limit, are kept: each one that was refused would count as one more delivery.
 */
const refusedWithoutMemory: ReadonlySet<ScriptName> = new Set(['accept', 'retry', 'stage']);

/** The first line of a script: Redis 7 reads its rights from it. */
const rightsOf = (name: ScriptName): string =>
  refusedWithoutMemory.has(name) ? '#!lua' : '#!lua flags=allow-oom';

/**
 * The keys as a Lua table that stands before every script. Written into the source, they cost nothing at a call: sixteen
 * KEYS would be a fifth of a job's way through Redis.
 */
const keyTable = (keys: Keys): string => {
  const names = {
    job: keys.job(''),
    output: keys.output(''),
    events: keys.events(''),
    staged: keys.stagedOutput(''),
    tombstone: keys.tombstone(''),
    due: keys.due,
    waiting: keys.waiting(''),
    finished: keys.finished,
    sizes: keys.sizes,
    pending: keys.pending,
    usedBytes: keys.usedBytes,
    sequence: keys.sequence,
    idempotency: keys.idempotency(''),
    ownerJobs: keys.ownerJobs(''),
    webhooks: keys.webhooks(''),
    webhooksDue: keys.webhooksDue,
    pool: keys.pool(''),
    pools: keys.pools,
    deadLetters: keys.deadLetters,
    deadLetter: keys.deadLetter(''),
    deadLetterHold: keys.deadLetterHold(''),
    finishedChannel: keys.finishedChannel,
  };
  return `local K = { ${Object.entries(names)
    .map(([name, key]) => `${name} = ${JSON.stringify(key)}`)
    .join(', ')} }`;
};

export type ScriptArgument = string | number | Buffer;

/** Of ioredis what scripts need; a stand-in may answer later. */
export interface ScriptCaller {
  evalsha(digest: string, keys: number, key: string, ...args: ScriptArgument[]): Promise<unknown>;
  eval(source: string, keys: number, key: string, ...args: ScriptArgument[]): Promise<unknown>;
}

/** Runs a script by its digest; a Redis that does not know it yet (a restart) is sent the source. */
export type RunScript = (name: ScriptName, args: readonly ScriptArgument[]) => Promise<ScriptReply>;

/** What scripts answer: a word, then what belongs to it. */
export type ScriptReply = readonly [string, ...(string | number)[]];

const parseReply = (name: string, reply: unknown): ScriptReply => {
  if (!Array.isArray(reply)) throw new Error(`script ${name} answered ${typeof reply}`);
  const [word, ...rest] = reply.map((part: unknown) => (typeof part === 'number' ? part : String(part)));
  return [String(word), ...rest];
};

/** @param folder where the scripts lie; another one in the mutation test. */
export const createScriptRunner = (redis: ScriptCaller, keys: Keys, folder = scriptFolder): RunScript => {
  const head = `${keyTable(keys)}\n${readFileSync(`${folder}/head.lua`, 'utf8')}`;
  const sources = new Map(
    scriptNames.map((name) => {
      const source = `${rightsOf(name)}\n${head}\n${readFileSync(`${folder}/${name}.lua`, 'utf8')}`;
      return [name, { source, digest: createHash('sha1').update(source).digest('hex') }];
    }),
  );
  return async (name, args) => {
    const script = sources.get(name);
    if (!script) throw new Error(`no script ${name}`);
    try {
      return parseReply(name, await storing(redis.evalsha(script.digest, 1, keys.due, ...args)));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    }
    return parseReply(name, await storing(redis.eval(script.source, 1, keys.due, ...args)));
  };
};

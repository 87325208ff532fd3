/**
 * Scripts whose answer is told only when Redis's replicas have what they wrote. Those that arrive while a group is under way
 * make the next group, and each group waits once: WAIT holds up its whole connection, so that it would cost each writer a
 * round trip to the replica otherwise.
 */
import type { Redis } from 'ioredis';
import { toError } from '../errors/to-error.ts';
import type { RunScript, ScriptCaller } from '../jobs/job-scripts.ts';
import { storing } from './store-error.ts';

export interface ReplicationSettings {
  /** As many have to confirm. */
  replicas: number;
  /** `received`: they have it (WAIT). `synced`: they and the primary have it on disk (WAITAOF, Redis 7.2). */
  confirm: 'received' | 'synced';
  timeoutMs: number;
}

export interface ReplicatedWritesDeps extends ReplicationSettings {
  /**
   * A connection of its own, as it is held up while replicas are waited for; and one that never sends again on the next
   * connection what had no answer on this one: a new connection has written nothing, and a WAIT there means nothing.
   */
  redis: Redis;
  /** Written once a group: an answer that wrote nothing (SAME) has to wait for what another connection wrote before. */
  fenceKey: string;
  /** Told how many answers were withheld. */
  onUnconfirmed: (count: number) => void;
}

export interface ReplicatedWrites extends ScriptCaller {
  /** Whether this Redis can confirm as it is asked to; says nothing of whether replicas are there. @throws where it cannot. */
  probe(): Promise<boolean>;
}

type ScriptCall = Parameters<ScriptCaller['evalsha']>;
type Result = [error: Error | null, reply: unknown];

interface Write {
  command: 'evalsha' | 'eval';
  call: ScriptCall;
  resolve: (reply: unknown) => void;
  reject: (error: Error) => void;
}

/** Of writes in one group; the others make the next. */
const largestGroup = 256;

/** Allowed at the memory limit: what runs may end there. */
const fenceScript = "#!lua flags=allow-oom\nreturn redis.call('incr', KEYS[1])";

/** WAITAOF is answered with what is on disk here, and with the replicas. */
const confirmedOf = (reply: unknown): number => Number(Array.isArray(reply) ? reply[1] : reply);

const waitCommand = ({ replicas, confirm, timeoutMs }: ReplicationSettings): [string, ...number[]] =>
  confirm === 'synced' ? ['waitaof', 1, replicas, timeoutMs] : ['wait', replicas, timeoutMs];

/** @returns why the group is not confirmed; undefined when it is. */
const faultOf = (settings: ReplicationSettings, fence?: Result, wait?: Result): Error | undefined => {
  const failed = fence?.[0] ?? wait?.[0];
  if (failed) return failed;
  const confirmed = confirmedOf(wait?.[1]);
  if (confirmed >= settings.replicas) return undefined;
  return new Error(
    `NOREPLICAS ${confirmed} of ${settings.replicas} replicas have confirmed in ${settings.timeoutMs} ms`,
  );
};

export const createReplicatedWrites = (deps: ReplicatedWritesDeps): ReplicatedWrites => {
  const { redis, fenceKey, onUnconfirmed } = deps;
  const waiting: Write[] = [];
  let isSending = false;

  const exchange = async (group: readonly Write[]): Promise<Result[]> => {
    const pipeline = redis.pipeline();
    for (const { command, call } of group) pipeline[command](...call);
    pipeline.eval(fenceScript, 1, fenceKey);
    pipeline.call(...waitCommand(deps));
    return (await pipeline.exec()) ?? [];
  };

  const settle = (group: readonly Write[], results: readonly Result[]): void => {
    const fault = faultOf(deps, results[group.length], results[group.length + 1]);
    let withheld = 0;
    for (const [index, { resolve, reject }] of group.entries()) {
      const [error, reply] = results[index] ?? [new Error('Connection is closed.'), undefined];
      // A script's own failure (NOSCRIPT, OOM) has written nothing, and says more.
      if (error) reject(error);
      else if (!fault) resolve(reply);
      else {
        withheld += 1;
        reject(fault);
      }
    }
    if (withheld > 0) onUnconfirmed(withheld);
  };

  const sendGroup = async (): Promise<void> => {
    const group = waiting.splice(0, largestGroup);
    try {
      settle(group, await exchange(group));
    } catch (thrown) {
      for (const { reject } of group) reject(toError(thrown));
    }
  };

  /** Begins in the next turn of the loop, with all that this turn brings. */
  const send = async (): Promise<void> => {
    while (waiting.length > 0) await sendGroup();
    isSending = false;
  };

  const add =
    (command: Write['command']) =>
    (...call: ScriptCall): Promise<unknown> => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.push({ command, call, resolve, reject });
      if (!isSending) {
        isSending = true;
        setImmediate(() => void send());
      }
      return promise;
    };

  return {
    evalsha: add('evalsha'),
    eval: add('eval'),
    probe: async () => {
      const [command] = waitCommand(deps);
      const now = { ...deps, replicas: 0, timeoutMs: 1 };
      await storing(redis.call(command, ...waitCommand(now).slice(1)));
      return true;
    },
  };
};

/** Those whose answer somebody relies on: a client that its job is taken in or ended, a worker that it may forget its result. */
const reliedOn: ReadonlySet<Parameters<RunScript>[0]> = new Set([
  'accept',
  'recall',
  'complete',
  'fail',
  'settle',
  'cancel',
  'retry',
  'expire',
]);

/**
 * @param run answers at once.
 * @param confirmed answers when the replicas have confirmed.
 */
export const createReplicatedRunner =
  (run: RunScript, confirmed: RunScript): RunScript =>
  (name, args) =>
    reliedOn.has(name) ? confirmed(name, args) : run(name, args);

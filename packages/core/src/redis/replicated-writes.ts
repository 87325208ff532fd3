/**
 * Scripts whose answer is told only when Redis's replicas have what they wrote. Those that arrive while a group is under way
 * make the next group, and each group waits once: WAIT holds up its whole connection, so that it would cost each writer a
 * round trip to the replica otherwise.
 */
import type { Redis } from 'ioredis';
import { toError } from '../errors/to-error.ts';
import type { RunScript, ScriptCaller } from '../jobs/job-scripts.ts';
import type { Clock } from '../time/clock.ts';
import { createReplicationDoubt } from './replication-doubt.ts';
import { storeDeadlineMs, storeUnavailable, storing } from './store-error.ts';

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
  clock: Clock;
  /** Told how many answers were withheld. */
  onUnconfirmed: (count: number) => void;
}

export interface ReplicatedWrites extends ScriptCaller {
  /** Whether this Redis can confirm as it is asked to; says nothing of whether replicas are there. @throws where it cannot. */
  probe(): Promise<boolean>;
  /** Whether new work may be written now: not while replicas do not confirm, but for one write in a while that finds out. */
  admits(): boolean;
}

type ScriptCall = Parameters<ScriptCaller['evalsha']>;
type Result = [error: Error | null, reply: unknown];

interface Write {
  command: 'evalsha' | 'eval';
  call: ScriptCall;
  /** When it was asked for, in ms since the epoch. */
  askedAt: number;
  resolve: (reply: unknown) => void;
  reject: (error: Error) => void;
}

/** Of writes in one group; the others make the next. */
const largestGroup = 256;

/** More than a Redis that answers leaves waiting: those beyond are refused at once. */
export const mostWaiting = 16 * largestGroup;

/** Allowed at the memory limit: what runs may end there. */
const fenceScript = "#!lua flags=allow-oom\nreturn redis.call('incr', KEYS[1])";

/** WAITAOF is answered with whether it is on disk here, and with the replicas. */
const confirmationsOf = (reply: unknown): { here: number; replicas: number } =>
  Array.isArray(reply)
    ? { here: Number(reply[0]), replicas: Number(reply[1]) }
    : { here: 1, replicas: Number(reply) };

const waitCommand = ({ replicas, confirm, timeoutMs }: ReplicationSettings): [string, ...number[]] =>
  confirm === 'synced' ? ['waitaof', 1, replicas, timeoutMs] : ['wait', replicas, timeoutMs];

/** @returns why the group is not confirmed; undefined when it is. */
const faultOf = (settings: ReplicationSettings, fence?: Result, wait?: Result): Error | undefined => {
  const failed = fence?.[0] ?? wait?.[0];
  if (failed) return failed;
  const { here, replicas } = confirmationsOf(wait?.[1]);
  if (here >= 1 && replicas >= settings.replicas) return undefined;
  return new Error(
    `NOREPLICAS ${replicas} of ${settings.replicas} replicas have confirmed in ${settings.timeoutMs} ms` +
      (here >= 1 ? '' : ', and it is not on disk on the primary'),
  );
};

const isTimeout = (error: Error | null): boolean => error?.message === 'Command timed out';

export const createReplicatedWrites = (deps: ReplicatedWritesDeps): ReplicatedWrites => {
  const { redis, fenceKey, clock, onUnconfirmed } = deps;
  const doubt = createReplicationDoubt(clock, deps.timeoutMs);
  const waiting: Write[] = [];
  let isSending = false;
  /** It has left a group without an answer. */
  let isSilent = false;

  const exchange = async (group: readonly Write[]): Promise<Result[]> => {
    const pipeline = redis.pipeline();
    for (const { command, call } of group) pipeline[command](...call);
    pipeline.eval(fenceScript, 1, fenceKey);
    pipeline.call(...waitCommand(deps));
    return (await pipeline.exec()) ?? [];
  };

  const settle = (group: readonly Write[], results: readonly Result[]): void => {
    const fault = faultOf(deps, results[group.length], results[group.length + 1]);
    doubt.note(fault === undefined);
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

  const sendGroup = async (group: readonly Write[]): Promise<void> => {
    try {
      const results = await exchange(group);
      isSilent = results.some(([error]) => isTimeout(error));
      settle(group, results);
    } catch (thrown) {
      for (const { reject } of group) reject(toError(thrown));
    }
  };

  /** Whoever asked for these has had an answer, that it was not done. */
  const dropOverdue = (): void => {
    const lastInTime = clock.now() - storeDeadlineMs;
    const inTime = waiting.findIndex(({ askedAt }) => askedAt > lastInTime);
    const overdue = waiting.splice(0, inTime < 0 ? waiting.length : inTime);
    for (const { reject } of overdue) reject(storeUnavailable(new Error('its turn did not come in time')));
  };

  const isStillSilent = async (): Promise<boolean> =>
    redis.ping().then(
      () => false,
      (thrown: unknown) => isTimeout(toError(thrown)),
    );

  /**
   * Begins in the next turn of the loop, with all that this turn brings. A Redis that is silent is sent nothing that it would
   * do when it wakes up.
   */
  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      if (isSilent) isSilent = await isStillSilent();
      dropOverdue();
      if (!isSilent && waiting.length > 0) await sendGroup(waiting.splice(0, largestGroup));
    }
    isSending = false;
  };

  const add =
    (command: Write['command']) =>
    async (...call: ScriptCall): Promise<unknown> => {
      if (waiting.length >= mostWaiting) throw storeUnavailable(new Error('too many writes wait'));
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.push({ command, call, askedAt: clock.now(), resolve, reject });
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
    admits: () => doubt.admits(),
  };
};

/**
 * Those whose answer somebody relies on: a client that its job is taken in or ended, a worker that it may forget its result, an
 * admin that a pool is paused, the broker that it may forget a letter.
 */
const reliedOn: ReadonlySet<Parameters<RunScript>[0]> = new Set([
  'accept',
  'recall',
  'complete',
  'fail',
  'settle',
  'cancel',
  'retry',
  'expire',
  'pause',
  'keep-letters',
  'replay-webhook',
]);

/** What they write is refused when it is not confirmed, and runs all the same. */
const newWork: ReadonlySet<Parameters<RunScript>[0]> = new Set(['accept', 'retry']);

/**
 * @param run answers at once.
 * @param confirmed answers when the replicas have confirmed.
 * @param admits whether new work may be written now.
 */
export const createReplicatedRunner =
  (run: RunScript, confirmed: RunScript, admits: () => boolean): RunScript =>
  async (name, args) => {
    if (!reliedOn.has(name)) return run(name, args);
    if (newWork.has(name) && !admits()) throw storeUnavailable(new Error('replicas do not confirm'));
    return confirmed(name, args);
  };

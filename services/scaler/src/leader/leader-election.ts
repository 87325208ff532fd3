/**
 * Lets one of several scalers act: the holder of a Lease, which renews it every 2 s and may act for 10 s after its last renewal;
 * the others wait until they have not seen it change for 15 s. Everybody measures on a clock of its own, from what it saw
 * itself; the times written into the Lease are for people. The 5 s between are for what was on its way when a term ended.
 */
import type { Service } from '@factorial/core/lifecycle/service';
import type { Logger } from '@factorial/core/ops/logger';
import type { Leadership } from './leadership.ts';
import type { Lease, LeaseAnswer, LeaseStore } from './lease-store.ts';

const leaseSeconds = 15;
const renewDeadlineMs = 10_000;
const retryMs = 2_000;
/** So that one lost packet does not cost the term. */
const callMs = 4_000;
/** A release that gets no answer only makes the next one wait. */
const releaseMs = 2_000;

export interface LeaderElectionDeps {
  store: LeaseStore;
  /** Nobody else's; the pod's name. */
  identity: string;
  logger: Logger;
  /** A clock that never jumps, in milliseconds. */
  now: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

export interface LeaderElection extends Leadership, Service {
  /** One try to get the Lease, or to keep it. */
  runOnce(): Promise<void>;
  /** Whether the Lease could be read or written within one lease's time: if not, perhaps nobody acts at all. */
  inTouch: () => boolean;
}

interface Term {
  controller: AbortController;
  /** When the call began that renewed it last. */
  renewedAt: number;
}

/** What is known of the Lease, and since when it has not changed. */
interface Sighting {
  lease: Lease;
  at: number;
}

const isExpired = ({ lease, at }: Sighting, now: number): boolean =>
  now - at >= (lease.durationSeconds ?? leaseSeconds) * 1_000;

export const createLeaderElection = (deps: LeaderElectionDeps): LeaderElection => {
  const { store, identity, logger, now } = deps;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let released: Promise<void> | undefined;
  let term: Term | undefined;
  let seen: Sighting | undefined;
  let touchedAt: number | undefined;
  let trouble = '';

  /** The same version seen again keeps its first time: it is the age of the last change as we know it. */
  const observe = (lease: Lease): void => {
    if (seen?.lease.version !== lease.version) seen = { lease, at: now() };
  };

  const note = (answer: LeaseAnswer): LeaseAnswer => {
    if (answer.ok) {
      touchedAt = now();
      observe(answer.lease);
    }
    const word = answer.ok || answer.conflict ? '' : answer.reason;
    if (word !== trouble && word) logger.warn({ reason: word }, 'lease cannot be reached');
    trouble = word;
    return answer;
  };

  const endTerm = (): void => {
    term?.controller.abort();
    term = undefined;
  };

  const lose = (reason: string): void => {
    if (term) logger.warn({ reason, holder: seen?.lease.holder }, 'leads no more');
    endTerm();
  };

  const leadUntil = (): number => (term ? term.renewedAt + renewDeadlineMs : Infinity);

  const callSignal = (): AbortSignal => {
    const leftMs = Math.max(1, Math.min(callMs, leadUntil() - now()));
    return AbortSignal.any([stopping.signal, AbortSignal.timeout(leftMs)]);
  };

  const take = async (from: Lease): Promise<LeaseAnswer> => {
    const beganAt = now();
    const acquired = from.holder !== identity;
    const transitions = from.transitions + (acquired ? 1 : 0);
    const claim = {
      version: from.version,
      holder: identity,
      durationSeconds: leaseSeconds,
      transitions,
      acquired,
    };
    const answer = note(await store.write(claim, callSignal()));
    if (!answer.ok || stopping.signal.aborted) return answer;
    if (!term) logger.info({ identity }, 'leads');
    term = { controller: term?.controller ?? new AbortController(), renewedAt: beganAt };
    return answer;
  };

  /** Another's Lease that has not changed for its own length is free; one that holds our name is ours, from before a restart too. */
  const tryToTake = async (): Promise<void> => {
    const answer = note(await store.read(callSignal()));
    if (!answer.ok || !seen) return;
    const { holder } = answer.lease;
    if (holder !== '' && holder !== identity) {
      lose('another holds the lease');
      if (!isExpired(seen, now())) return;
    }
    await take(answer.lease);
  };

  const loseWhenOver = (): void => {
    if (now() >= leadUntil()) lose('the lease could not be renewed');
  };

  const runOnce = async (): Promise<void> => {
    loseWhenOver();
    const renewed = term && seen ? await take(seen.lease) : undefined;
    if (!renewed || (!renewed.ok && renewed.conflict)) await tryToTake();
    loseWhenOver();
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await runOnce();
      await deps.sleep(Math.max(1, Math.min(retryMs, leadUntil() - now())), stopping.signal);
    }
  };

  /** The next one need not wait. A renewal that was cut short may have been written: then it is read again. */
  const release = async (): Promise<void> => {
    const signal = AbortSignal.timeout(releaseMs);
    for (let lease = seen?.lease; lease?.holder === identity;) {
      const claim = { ...lease, holder: '', durationSeconds: 1, acquired: false };
      const written = await store.write(claim, signal);
      if (written.ok || !written.conflict) return;
      const read = await store.read(signal);
      lease = read.ok ? read.lease : undefined;
    }
  };

  return {
    name: 'leader-election',
    runOnce,
    term: () => (term && now() < leadUntil() ? term.controller.signal : undefined),
    inTouch: () => touchedAt !== undefined && now() - touchedAt < leaseSeconds * 1_000,
    start: async () => {
      running ??= run();
    },
    stop: async () => {
      stopping.abort();
      await running;
      endTerm();
      released ??= release();
      await released;
    },
  };
};

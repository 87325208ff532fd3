/** The figures of a job's life. */
import { mostSaid } from '../internal/protocol.ts';

export interface StoreSettings {
  /** A claim holds this long without a beat. */
  leaseMs: number;
  /** A redelivered job whose holder is silent this long is taken from it. Above the heartbeat's interval. */
  suspectMs: number;
  /** A holder may be this much past its run time limit before the store ends the job itself. */
  runGraceMs: number;
  /** First look at an accepted job that nobody has confirmed or claimed. */
  firstLookMs: number;
  /** From one look at a job that waits, or whose message was sent, to the next. */
  patienceMs: number;
  /** How long an idempotency key is remembered. */
  idempotencyTtlMs: number;
  /** How long a tombstone tells 410 from 404. */
  tombstoneTtlMs: number;
  /** How long an uploaded output may wait for its commit. */
  stagedTtlMs: number;
  /** Log and streamed output of an attempt that are told as events; what comes after that is not kept. */
  maxSaidBytes: number;
  /** Unfinished jobs in all, and of one owner. */
  maxPending: number;
  maxPendingPerOwner: number;
  /** Bytes of inputs, outputs and told events above which nothing new is accepted. */
  maxBytes: number;
}

export const defaultStoreSettings: StoreSettings = {
  leaseMs: 30_000,
  suspectMs: 1_500,
  runGraceMs: 10_000,
  firstLookMs: 5_000,
  patienceMs: 30_000,
  idempotencyTtlMs: 86_400_000,
  tombstoneTtlMs: 604_800_000,
  stagedTtlMs: 300_000,
  maxSaidBytes: mostSaid,
  maxPending: 100_000,
  maxPendingPerOwner: 20_000,
  maxBytes: 128 * 1024 * 1024,
};

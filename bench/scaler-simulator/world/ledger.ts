/** What a run is judged by, counted from the world's own truth and not from anybody's readings. */
import type { Job } from './message-queue.ts';

export interface Ledger {
  /** Workers told to stop while they ran a job. */
  busyPicked: number;
  /** Of these, those that were marked to go. */
  busyVictims: number;
  /** Runs cut short because the grace was over. */
  killed: number;
  /** Steps to fewer workers than were at work. */
  belowInflight: number;
  /** Most workers ever asked for. */
  mostReplicas: number;
  /** Workers made, those that were there at first too. */
  started: number;
  /** Time of all workers that had found a machine. */
  podMs: number;
  /** Time of all workers that were asked for and found no machine. */
  pendingMs: number;
  /** By job that is done: from its arrival to its end, less the run itself. A run that was killed counts as waiting. */
  waitsMs: number[];
}

export const createLedger = (): Ledger => ({
  busyPicked: 0,
  busyVictims: 0,
  killed: 0,
  belowInflight: 0,
  mostReplicas: 0,
  started: 0,
  podMs: 0,
  pendingMs: 0,
  waitsMs: [],
});

export const noteDone = (ledger: Ledger, job: Job, nowMs: number): void =>
  void ledger.waitsMs.push(nowMs - job.arrivesAtMs - job.serviceMs);

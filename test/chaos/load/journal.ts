/** The books of the load: what was sent, accepted and seen final, in memory and on a disk of their own. */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { PlannedJob } from './plan-jobs.ts';

/** A final job as a client saw it. */
export interface SeenFinal {
  status: string;
  /** Of a failed one. */
  errorCode?: string | undefined;
  /** SHA-256 of the output's bytes; of a done one. */
  outputSha?: string | undefined;
  /** SHA-256 of the whole answer. */
  bodySha: string;
}

export interface Entry {
  job: PlannedJob;
  /** ms since the epoch, as all times here. */
  sentAt: number;
  id?: string;
  acceptedAt?: number;
  final?: SeenFinal;
  finalAt?: number;
  /** Over before its client learnt its id. */
  hasExpired?: true;
}

export interface Journal {
  entries: readonly Entry[];
  /** Answers to submissions by their status; 0 for none at all. */
  answers: ReadonlyMap<number, number>;
  /** What a client must never see, in words. */
  complaints: readonly string[];
  sent(job: PlannedJob): Entry;
  answered(status: number): void;
  accepted(entry: Entry, id: string): void;
  ended(entry: Entry, final: SeenFinal): void;
  /** It was accepted, and over before its client learnt its name. */
  expired(entry: Entry): void;
  complain(what: string): void;
  close(): Promise<void>;
}

export const createJournal = (file: string): Journal => {
  const disk = createWriteStream(file, { flags: 'a' });
  const entries: Entry[] = [];
  const answers = new Map<number, number>();
  const complaints: string[] = [];
  const write = (what: string, facts: object): void => {
    disk.write(`${JSON.stringify({ at: Date.now(), what, ...facts })}\n`);
  };
  return {
    entries,
    answers,
    complaints,
    sent: (job) => {
      const entry: Entry = { job, sentAt: Date.now() };
      entries.push(entry);
      write('sent', { key: job.key, kind: job.kind });
      return entry;
    },
    answered: (status) => void answers.set(status, (answers.get(status) ?? 0) + 1),
    accepted: (entry, id) => {
      Object.assign(entry, { id, acceptedAt: Date.now() });
      write('accepted', { key: entry.job.key, id });
    },
    ended: (entry, final) => {
      Object.assign(entry, { final, finalAt: Date.now() });
      write('final', { id: entry.id, ...final });
    },
    expired: (entry) => {
      Object.assign(entry, { hasExpired: true });
      write('expired', { key: entry.job.key });
    },
    complain: (what) => {
      complaints.push(what);
      write('complaint', { complaint: what });
    },
    close: async () => {
      disk.end();
      await once(disk, 'close');
    },
  };
};

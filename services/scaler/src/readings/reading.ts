/** What one source said, or why it said nothing that counts. Unknown is not zero: nobody may put a number in its place. */
export type Reading<Value> = { ok: true; value: Value; /** ms since the epoch. */ at: number } | Unknown;

export interface Unknown {
  ok: false;
  /** A fixed word or two, free of credentials: goes to logs, metrics and /status. */
  reason: string;
}

export const unknown = (reason: string): Unknown => ({ ok: false, reason });

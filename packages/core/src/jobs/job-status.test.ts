import { describe, expect, test } from 'vitest';
import { isFinal, jobEvents, jobStatuses, nextStatus } from './job-status.ts';

/** The transition table of docs/architecture.md, written out once more: rows are states, columns events. */
const table: Record<(typeof jobStatuses)[number], Partial<Record<(typeof jobEvents)[number], string>>> = {
  queued: {
    claim: 'processing',
    beat: 'processing',
    complete: 'done',
    fail: 'failed',
    release: 'queued',
    cancel: 'cancelled',
  },
  processing: {
    claim: 'processing',
    beat: 'processing',
    complete: 'done',
    fail: 'failed',
    release: 'queued',
    requeue: 'queued',
    cancel: 'cancelled',
  },
  done: { expire: 'expired' },
  failed: { retry: 'queued', expire: 'expired' },
  cancelled: { retry: 'queued', expire: 'expired' },
  expired: {},
};

describe('nextStatus', () => {
  const cells = jobStatuses.flatMap((status) => jobEvents.map((event) => ({ status, event })));
  test.each(cells)('$status after $event is what the table says', ({ status, event }) => {
    expect(nextStatus(status, event)).toBe(table[status][event]);
  });

  test.each(jobStatuses)('%s is final exactly when only retry and expire lead out of it', (status) => {
    const out = jobEvents.filter((event) => nextStatus(status, event) !== undefined);
    const onlyAfterlife = out.length > 0 && out.every((event) => event === 'retry' || event === 'expire');
    expect(isFinal(status)).toBe(onlyAfterlife);
  });

  test('throws for a status or an event that does not exist', () => {
    expect(() => Reflect.apply(nextStatus, undefined, ['nothing', 'claim'])).toThrow('unhandled case');
    expect(() => Reflect.apply(nextStatus, undefined, ['queued', 'nothing'])).toThrow('unhandled case');
    expect(() => Reflect.apply(nextStatus, undefined, ['processing', 'nothing'])).toThrow('unhandled case');
  });
});

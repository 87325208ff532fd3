import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';
import { type SummaryData, toReport, toText } from './summary.ts';

const defaults = {
  users: 3,
  arriveSeconds: 0,
  lookSeconds: 1,
  submitWithinSeconds: 10,
  resultWithinSeconds: 20,
};
const settings = readSettings({ BASE_URL: 'http://127.0.0.1:8080', TOKEN: 'secret-token' }, defaults);
const run = { scenario: 'smoke', settings, at: '2026-01-01T00:00:00.000Z' };

const count = (value: number) => ({
  type: 'counter',
  contains: 'default',
  values: { count: value, rate: 1 },
});

const data = (lostHolds: boolean): SummaryData => ({
  state: { testRunDurationMs: 1_500 },
  metrics: {
    jobs_accepted: count(3),
    jobs_right: count(2),
    jobs_lost: { ...count(1), thresholds: { 'count==0': { ok: lostHolds } } },
    submit_ms: {
      type: 'trend',
      contains: 'time',
      values: { med: 1, 'p(95)': 250, 'p(99)': 12_000, max: 12_000 },
    },
    http_reqs: count(17),
  },
});

it('counts what became of the jobs, and zero where nothing was counted', () => {
  const { counts } = toReport(data(true), run);
  expect(counts).toMatchObject({ accepted: 3, right: 2, lost: 1, wrong: 0, errors: 0 });
});

it('has passed when every threshold holds', () => {
  expect(toReport(data(true), run).passed).toBe(true);
  expect(toReport(data(false), run).passed).toBe(false);
});

it('keeps the token to itself', () => {
  expect(JSON.stringify(toReport(data(true), run))).not.toContain('secret-token');
});

it('shows the books, the latencies and the broken thresholds', () => {
  const text = toText(toReport(data(false), run));
  expect(text).toMatch(/accepted +3\n/);
  expect(text).toMatch(/submit p50 \/ p95 \/ p99 +1\.0 ms \/ 250 ms \/ 12\.0 s\n/);
  expect(text).toMatch(/http_reqs +count 17\n/);
  expect(text).toMatch(/BROKEN +jobs_lost: count==0 +count 1\n/);
  expect(text).toMatch(/FAILED\n$/);
});

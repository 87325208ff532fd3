/** What a run tells in the end: our books as a table, what had to hold, k6's other figures; the same as JSON. */
import type { Settings } from './settings.ts';

type Values = Readonly<Record<string, number>>;

interface Metric {
  /** As k6 calls it: counter, trend, rate, gauge. */
  type: string;
  contains: string;
  values: Values;
  thresholds?: Readonly<Record<string, { ok: boolean }>>;
}

/** The part of k6's end-of-test data that is read here. */
export interface SummaryData {
  metrics: Readonly<Record<string, Metric>>;
  state: { testRunDurationMs: number };
}

export interface Report {
  scenario: string;
  at: string;
  passed: boolean;
  seconds: number;
  settings: Omit<Settings, 'token' | 'summaryFile'>;
  counts: Readonly<Record<string, number>>;
  /** Milliseconds; undefined where nothing was measured. */
  submitMs: Values | undefined;
  endToEndMs: Values | undefined;
  thresholds: { name: string; holds: boolean; value: string }[];
  metrics: Readonly<Record<string, Metric>>;
}

const counted = {
  accepted: 'jobs_accepted',
  done: 'jobs_done',
  right: 'jobs_right',
  wrong: 'jobs_wrong',
  failed: 'jobs_failed',
  lost: 'jobs_lost',
  givenUp: 'submits_given_up',
  askedToWait: 'asked_to_wait',
  errors: 'errors',
} as const;

const labels: Readonly<Record<string, string>> = {
  givenUp: 'submissions given up',
  askedToWait: 'asked to wait, and retried',
};

const msOf = (ms: number): string =>
  ms < 10_000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1_000).toFixed(1)} s`;

const plain = (value: number): string => String(Math.round(value * 1_000) / 1_000);

/** What is shown of a metric, by k6's name of its kind. */
const shown: Readonly<Record<string, readonly string[]>> = {
  counter: ['count'],
  gauge: ['max'],
  rate: ['rate', 'passes', 'fails'],
  trend: ['med', 'p(95)', 'p(99)', 'max'],
};

const valueOf = ({ type, contains, values }: Metric): string =>
  (shown[type] ?? [])
    .map((key) => `${key} ${(contains === 'time' ? msOf : plain)(values[key] ?? Number.NaN)}`)
    .join(', ');

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

/** @param at when the run ended, RFC 3339. */
export const toReport = (
  { metrics, state }: SummaryData,
  run: { scenario: string; settings: Settings; at: string },
): Report => {
  const { token: _secret, summaryFile: _path, ...settings } = run.settings;
  const thresholds = Object.entries(metrics)
    .sort(byName)
    .flatMap(([name, metric]) =>
      Object.entries(metric.thresholds ?? {}).map(([rule, { ok }]) => ({
        name: `${name}: ${rule}`,
        holds: ok,
        value: valueOf(metric),
      })),
    );
  const count = (metric: string): number => metrics[metric]?.values['count'] ?? 0;
  return {
    scenario: run.scenario,
    at: run.at,
    passed: thresholds.every(({ holds }) => holds),
    seconds: state.testRunDurationMs / 1_000,
    settings,
    counts: Object.fromEntries(Object.entries(counted).map(([label, metric]) => [label, count(metric)])),
    submitMs: count('jobs_accepted') > 0 ? metrics['submit_ms']?.values : undefined,
    endToEndMs: count('jobs_right') > 0 ? metrics['end_to_end_ms']?.values : undefined,
    thresholds,
    metrics,
  };
};

const rowsOf = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`).join('\n');
};

const latency = (label: string, values: Values | undefined): [string, string] => [
  label,
  ['med', 'p(95)', 'p(99)'].map((key) => msOf(values?.[key] ?? Number.NaN)).join(' / '),
];

export const toText = ({ scenario, seconds, settings, passed, ...report }: Report): string => {
  const books: [string, string][] = [
    ...Object.entries(report.counts).map(([label, count]): [string, string] => [
      labels[label] ?? label,
      String(count),
    ]),
    ...(report.submitMs ? [latency('submit p50 / p95 / p99', report.submitMs)] : []),
    ...(report.endToEndMs ? [latency('end to end p50 / p95 / p99', report.endToEndMs)] : []),
  ];
  const rules = report.thresholds.map(({ name, holds, value }): [string, string] => [
    `${holds ? 'holds ' : 'BROKEN'}  ${name}`,
    value,
  ]);
  const ours = new Set([...Object.values<string>(counted), 'jobs_open', 'submit_ms', 'end_to_end_ms']);
  const others = Object.entries(report.metrics)
    .filter(([name]) => !ours.has(name))
    .sort(byName)
    .map(([name, metric]): [string, string] => [name, valueOf(metric)]);
  const head = `${scenario}: ${settings.users} users, n from ${settings.nMin} to ${settings.nMax}, ${seconds.toFixed(1)} s`;
  const parts = [head, rowsOf(books), "k6's own figures", rowsOf(others), 'thresholds', rowsOf(rules)];
  return `\n${parts.join('\n\n')}\n\n${passed ? 'passed' : 'FAILED'}\n`;
};

/** @returns what k6 calls in the end: texts by the file they go to. */
export const createSummary =
  (scenario: string, settings: Settings) =>
  (data: SummaryData): Record<string, string> => {
    const report = toReport(data, { scenario, settings, at: new Date().toISOString() });
    const json = `${JSON.stringify(report, undefined, 2)}\n`;
    return {
      stdout: toText(report),
      ...(settings.summaryFile === '' ? {} : { [settings.summaryFile]: json }),
    };
  };

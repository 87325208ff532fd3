/** The api's figures for Prometheus. Labels have few values: routes are patterns, statuses are classes. */
import type { Outcome, OutcomeAnswer } from '@factorial/core/internal/protocol';
import type { ReapOutcome } from '@factorial/core/jobs/job-store';
import type { Metrics } from '@factorial/core/ops/metrics';
import type { AttemptResult } from './push/webhooks/plan-after.ts';

export interface ApiMetrics {
  requestAnswered: (
    port: 'public' | 'internal',
    answer: { route: string; status: number; seconds: number },
  ) => void;
  jobAccepted: (task: string) => void;
  attemptEnded: (result: Outcome['result'], answer: OutcomeAnswer) => void;
  publicationUnconfirmed: () => void;
  writesUnconfirmed: (count: number) => void;
  reaped: (kind: ReapOutcome['kind']) => void;
  clusterKeysRead: (outcome: 'ok' | 'failed') => void;
  tokenReviewed: (outcome: 'accepted' | 'refused' | 'failed') => void;
  webhookAttempted: (result: AttemptResult) => void;
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

export const createApiMetrics = (metrics: Metrics): ApiMetrics => {
  const requests = metrics.histogram({
    name: 'http_request_seconds',
    help: 'Time to answer a request.',
    labelNames: ['port', 'route', 'status'],
    buckets,
  });
  const accepted = metrics.counter({
    name: 'jobs_accepted_total',
    help: 'Jobs taken in.',
    labelNames: ['task'],
  });
  const ended = metrics.counter({
    name: 'attempts_ended_total',
    help: 'Outcomes that workers told, by what was answered.',
    labelNames: ['result', 'answer'],
  });
  const unconfirmed = metrics.counter({
    name: 'publications_unconfirmed_total',
    help: 'Messages that the broker did not confirm.',
  });
  const writesUnconfirmed = metrics.counter({
    name: 'redis_writes_unconfirmed_total',
    help: 'Writes that too few replicas of Redis confirmed in time; whoever asked was answered with 503.',
  });
  const reaped = metrics.counter({
    name: 'sweeper_looks_total',
    help: 'Looks at due jobs, by what came of them.',
    labelNames: ['outcome'],
  });
  const keysRead = metrics.counter({
    name: 'cluster_keys_reads_total',
    help: "Readings of the cluster's keys, by what came of them.",
    labelNames: ['outcome'],
  });
  const reviewed = metrics.counter({
    name: 'token_reviews_total',
    help: 'Tokens that the API server was asked about, by what it said.',
    labelNames: ['outcome'],
  });
  const webhooks = metrics.counter({
    name: 'webhook_attempts_total',
    help: 'Attempts to deliver to webhooks, by what came of them.',
    labelNames: ['result'],
  });
  return {
    requestAnswered: (port, { route, status, seconds }) =>
      requests.observe({ port, route, status: `${Math.floor(status / 100)}xx` }, seconds),
    jobAccepted: (task) => accepted.inc({ task }),
    attemptEnded: (result, answer) => ended.inc({ result, answer }),
    publicationUnconfirmed: () => unconfirmed.inc(),
    writesUnconfirmed: (count) => writesUnconfirmed.inc(count),
    reaped: (kind) => reaped.inc({ outcome: kind }),
    clusterKeysRead: (outcome) => keysRead.inc({ outcome }),
    tokenReviewed: (outcome) => reviewed.inc({ outcome }),
    webhookAttempted: (result) => webhooks.inc({ result }),
  };
};

/** Readiness of the scaler: it has decided lately, and every source could be read then. */
import type { Checks } from '@factorial/core/ops/readiness';
import type { TickReport } from '../control-loop.ts';

const staleMs = 30_000;

export interface SourcesReady {
  tell: (report: TickReport) => void;
  checks: Checks;
}

export const createSourcesReady = (now: () => number): SourcesReady => {
  let last: TickReport | undefined;
  const readable = (source: keyof TickReport['readings']) => () => last?.readings[source].ok ?? false;
  return {
    tell: (report) => {
      last = report;
    },
    checks: {
      deciding: () => last !== undefined && now() - last.at <= staleMs,
      queue: readable('queue'),
      pool: readable('pool'),
      target: readable('target'),
    },
  };
};

/** What a worker counts and measures. */
import type { Metrics } from '@factorial/core/ops/metrics';

export type JobEnd = 'done' | 'failed' | 'released' | 'cancelled' | 'lost' | 'busy' | 'terminal' | 'gone';

export interface WorkerMetrics {
  jobEnded: (end: JobEnd) => void;
  ranFor: (task: string, seconds: number) => void;
  redelivered: () => void;
  runnerRestarted: (task: string) => void;
}

/** @param busySlots asked at each scrape. */
export const createWorkerMetrics = (metrics: Metrics, busySlots: () => number): WorkerMetrics => {
  const jobs = metrics.counter({
    name: 'worker_jobs_total',
    help: 'Deliveries by how they ended',
    labelNames: ['end'],
  });
  const runSeconds = metrics.histogram({
    name: 'worker_run_seconds',
    help: 'Time a job had the runner for itself',
    labelNames: ['task'],
    buckets: [0.001, 0.01, 0.05, 0.2, 1, 3, 10, 30, 60, 120, 300],
  });
  const redeliveries = metrics.counter({
    name: 'worker_redeliveries_total',
    help: 'Deliveries that the broker had made before',
  });
  const restarts = metrics.counter({
    name: 'worker_runner_restarts_total',
    help: 'Runners that ended, by themselves or because they had to',
    labelNames: ['task'],
  });
  metrics.gauge({
    name: 'worker_slots_busy',
    help: 'Slots that run a job',
    collect() {
      this.set(busySlots());
    },
  });
  return {
    jobEnded: (end) => jobs.inc({ end }),
    ranFor: (task, seconds) => runSeconds.observe({ task }, seconds),
    redelivered: () => redeliveries.inc(),
    runnerRestarted: (task) => restarts.inc({ task }),
  };
};

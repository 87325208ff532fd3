import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test("shows our metrics with the prefix, and Node's under their usual names", async () => {
  const metrics = createMetrics('api');
  metrics.counter({ name: 'jobs_total', help: 'jobs', labelNames: ['task'] }).inc({ task: 'factorial' }, 2);
  metrics.gauge({ name: 'backlog_jobs', help: 'backlog' }).set(7);
  metrics.histogram({ name: 'wait_seconds', help: 'wait', buckets: [1] }).observe(0.5);
  const { contentType, body } = await metrics.expose();
  expect(contentType).toContain('text/plain');
  expect(body).toContain('factorial_jobs_total{task="factorial",service="api"} 2');
  expect(body).toContain('factorial_backlog_jobs{service="api"} 7');
  expect(body).toContain('factorial_wait_seconds_bucket{le="1",service="api"} 1');
  expect(body).toContain('process_resident_memory_bytes');
});

test('keeps two sets apart when two are made in one process', async () => {
  const [first, second] = [createMetrics('a'), createMetrics('b')];
  first.counter({ name: 'same_total', help: 'same' }).inc();
  second.counter({ name: 'same_total', help: 'same' });
  expect((await second.expose()).body).toContain('factorial_same_total{service="b"} 0');
});

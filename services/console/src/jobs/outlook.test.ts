import { expect, test } from 'vitest';
import type { Job } from '../api/schemas.ts';
import { outlook } from './outlook.ts';

const at = '2026-11-25T10:00:00.000Z';
const base: Job = {
  id: 'a',
  task: 'factorial',
  status: 'queued',
  outputBytes: null,
  attempt: 0,
  maxAttempts: 3,
  priority: 'normal',
  labels: {},
  createdAt: at,
  queuedAt: at,
  startedAt: null,
  finishedAt: null,
  expiresAt: null,
};

test.each<[Partial<Job>, string]>([
  [{}, 'Waits'],
  [{ position: 0, etaSeconds: 1.5 }, 'Next in line · about 2 s left'],
  [{ position: 1_204, etaSeconds: 500 }, '1,204 ahead · about 8 min 20 s left'],
  [{ status: 'processing' }, ''],
  [{ status: 'processing', etaSeconds: 3 }, 'about 3 s left'],
  [{ status: 'processing', etaSeconds: 0 }, ''],
  [
    { status: 'processing', etaSeconds: 3, progress: { value: 0, message: 'primes' } },
    'primes · about 3 s left',
  ],
  [{ status: 'processing', progress: { value: 0.5, message: 'primes' } }, 'primes'],
  [
    { status: 'done', startedAt: at, finishedAt: '2026-11-25T10:00:04.000Z', outputBytes: 711_273 },
    'Took 4 s · 711 kB',
  ],
  [{ status: 'done', startedAt: at, finishedAt: at, outputBytes: 7 }, 'Took under 0.1 s · 7 B'],
  [{ status: 'failed', error: { code: 'crashed', message: '', retryable: true } }, 'crashed'],
])('a job with %j says %j', (fields, words) => {
  expect(outlook({ ...base, ...fields })).toBe(words);
});

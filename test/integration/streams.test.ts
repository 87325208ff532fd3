import { expect, test } from 'vitest';
import { measureStreams } from '../../bench/streams/measure.ts';

/** `make streams` does the same with 500 of each, and measures. */
test('every client of a crowd is told every event of its jobs once, in order, by SSE and by WebSocket', async () => {
  const result = await measureStreams({
    sse: 40,
    webSockets: 40,
    jobsPerSocket: 5,
    jobs: 20,
    slots: 3,
    steps: 3,
    stepMs: 200,
    restMs: 0,
  });
  const { faults, sseLatency, webSocketLatency } = result;
  expect(faults).toEqual([]);
  // started, progress, log, output and done at the least.
  expect(sseLatency.events).toBeGreaterThanOrEqual(40 * 5);
  expect(webSocketLatency.events).toBeGreaterThanOrEqual(40 * 5 * 5);
}, 180_000);

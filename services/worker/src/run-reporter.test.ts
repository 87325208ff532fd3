import { mostSaid, mostSaidAtOnce, type ProgressUpdate } from '@factorial/core/internal/protocol';
import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RefusedError } from './internal-http.ts';
import { createRunReporter, type RunReporter } from './run-reporter.ts';

const ref = { id: 'a', attempt: 1, token: 't' };
let reporter: RunReporter;
afterEach(() => {
  reporter.close();
  vi.useRealTimers();
});

/** An api that keeps what it is told; `failures` are thrown first, before or after it has heard. */
const createScene = (failures: { error: Error; heard: boolean }[] = [], everyMs = 5) => {
  const heard: ProgressUpdate[] = [];
  const progress = async (updates: readonly ProgressUpdate[]): Promise<void> => {
    const failure = failures.shift();
    if (!failure || failure.heard) heard.push(...updates);
    if (failure) throw failure.error;
    await Promise.resolve();
  };
  const { logger } = createRecordedLogger();
  reporter = createRunReporter({ client: { progress }, logger, everyMs });
  return { heard };
};

const joined = (updates: readonly ProgressUpdate[], kind: 'log' | 'output'): string =>
  updates.map((update) => update[kind]).join('');

describe('createRunReporter', () => {
  it('tells the newest progress, between 0 and 1', async () => {
    const { heard } = createScene();
    reporter.progress(ref, 0.2, 'a fifth');
    reporter.progress(ref, 7, 'too far');
    await waitUntil(() => heard.length > 0, { what: 'progress' });
    expect(heard).toEqual([{ ...ref, value: 1, message: 'too far', before: 0, log: '', output: '' }]);
  });

  it('tells log and output in pieces, in order, each with what was said before', async () => {
    const { heard } = createScene();
    const log = 'é'.repeat(mostSaidAtOnce) + 'end\n';
    reporter.log(ref, log);
    reporter.output(ref, 'one ');
    reporter.output(ref, 'two');
    await waitUntil(() => joined(heard, 'log') === log, { what: 'all of the log' });
    expect(joined(heard, 'output')).toBe('one two');
    expect(heard.map(({ before }) => before)).toEqual([0, 2 * mostSaidAtOnce + 7]);
  });

  it('does not tear a pair of surrogates', async () => {
    const { heard } = createScene();
    const text = `${'x'.repeat(mostSaidAtOnce - 1)}😀`;
    reporter.output(ref, text);
    await waitUntil(() => joined(heard, 'output') === text, { what: 'all of it' });
    expect(heard.map(({ output }) => output.length)).toEqual([mostSaidAtOnce - 1, 2]);
  });

  it('says what was not heard again, from the same place on', async () => {
    const { heard } = createScene([{ error: new Error('cut off'), heard: true }]);
    reporter.output(ref, 'once');
    await waitUntil(() => heard.length === 2, { what: 'a second try' });
    expect(heard.map(({ before, output }) => [before, output])).toEqual([
      [0, 'once'],
      [0, 'once'],
    ]);
  });

  it('says it again as it was, and then what came after it', async () => {
    const { heard } = createScene([{ error: new Error('cut off'), heard: true }]);
    reporter.output(ref, 'once ');
    await waitUntil(() => heard.length >= 1, { what: 'the first try' });
    reporter.output(ref, 'more');
    await waitUntil(() => heard.length === 3, { what: 'all of it' });
    expect(heard.map(({ before, output }) => [before, output])).toEqual([
      [0, 'once '],
      [0, 'once '],
      [5, 'more'],
    ]);
  });

  it('drops what the api refuses, and goes on behind it', async () => {
    const { heard } = createScene([{ error: new RefusedError(422, 'no'), heard: false }]);
    reporter.output(ref, 'bad');
    await reporter.finish(ref);
    reporter.output({ ...ref, attempt: 2 }, 'good');
    await waitUntil(() => heard.length === 1, { what: 'the next' });
    expect(heard[0]).toMatchObject({ attempt: 2, output: 'good' });
  });

  it('tells the last words of a run before it is over, and no progress of it after', async () => {
    const { heard } = createScene([], 60_000);
    reporter.progress(ref, 0.9, 'nearly');
    reporter.log(ref, 'bye\n');
    await reporter.finish(ref);
    expect(heard).toMatchObject([{ log: 'bye\n', value: 0.9 }]);
    reporter.progress({ ...ref, id: 'b' }, 0.5, '');
    await reporter.finish({ ...ref, id: 'b' });
    expect(heard).toHaveLength(1);
  });

  it('gives up last words that cannot be told', async () => {
    const down = { error: new Error('away'), heard: false };
    const { heard } = createScene([down, down, down, down], 60_000);
    reporter.log(ref, 'bye\n');
    await reporter.finish(ref);
    expect(heard).toEqual([]);
  });

  it('tries no more when it is closed', async () => {
    vi.useFakeTimers();
    const cutOff = { error: new Error('cut off'), heard: true };
    const { heard } = createScene(Array.from({ length: 20 }, () => cutOff));
    reporter.output(ref, 'text');
    vi.advanceTimersByTime(5);
    // While it is under way.
    reporter.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(heard).toHaveLength(1);
  });

  it('keeps no more of a run than the api will', async () => {
    const { heard } = createScene();
    for (let piece = 0; piece < 100; piece += 1) reporter.output(ref, 'x'.repeat(10_000));
    await reporter.finish(ref);
    expect(joined(heard, 'output').length).toBeGreaterThan(mostSaid);
    expect(joined(heard, 'output').length).toBeLessThan(mostSaid + 2 * 10_000);
  });
});

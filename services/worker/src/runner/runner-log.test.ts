import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { expect, it } from 'vitest';
import { createRunnerLog } from './runner-log.ts';

it('tells so many lines a second, and once a second how many were dropped so far', () => {
  const log = createRecordedLogger();
  let now = 0;
  const tell = createRunnerLog({ logger: log.logger, nowMs: () => now, linesPerSecond: 3 });
  for (let line = 0; line < 10; line += 1) tell(`first ${line}`);
  now = 1_000;
  for (let line = 0; line < 5; line += 1) tell(`second ${line}`);
  expect(log.linesOf('runner log').map(({ line }) => line)).toEqual([
    'first 0',
    'first 1',
    'first 2',
    'second 0',
    'second 1',
    'second 2',
  ]);
  const drops = log.linesOf('runner logs too much, lines dropped');
  expect(drops.map(({ dropped }) => dropped)).toEqual([1, 8]);
});

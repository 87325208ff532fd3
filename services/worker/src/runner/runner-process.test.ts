import { tmpdir } from 'node:os';
import { sleep } from '@factorial/core/lifecycle/sleep';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { startRunnerProcess } from './runner-process.ts';

const pieceBytes = 65_536;

it('takes no more than a piece of what a task writes in a turn of the loop, however fast it writes', async () => {
  const flood = `const lines = Buffer.alloc(${pieceBytes}, 10); for (;;) process.stderr.write(lines);`;
  let lines = 0;
  let inTurn = 0;
  let mostInTurn = 0;
  let isOver = false;
  const countTurns = (): void => {
    mostInTurn = Math.max(mostInTurn, inTurn);
    inTurn = 0;
    if (!isOver) setImmediate(countTurns);
  };
  countTurns();
  const runner = startRunnerProcess({
    launch: { command: process.execPath, args: ['-e', flood], folder: tmpdir(), env: process.env },
    logger: pino({ level: 'silent' }),
    onMessage: () => undefined,
    onLog: () => {
      lines += 1;
      inTurn += 1;
      // As long as a log line takes: else the reader is faster than the writer, and finds the pipe empty.
      const untilMs = performance.now() + 0.002;
      while (performance.now() < untilMs);
    },
    onTooLong: () => undefined,
    maxLineBytes: 1_024,
  });
  await sleep(1_000);
  runner.stop(0);
  await runner.exited;
  isOver = true;
  expect(lines).toBeGreaterThan(pieceBytes);
  expect(mostInTurn).toBeLessThanOrEqual(pieceBytes);
});

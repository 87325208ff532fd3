import { describe, expect, it } from 'vitest';
import { unknown } from './readings/reading.ts';
import {
  busyWorkers,
  createTicker,
  idleWorkers,
  makeReadings,
  makeSettings,
  type Situation,
} from './testing/make-readings.ts';

const asleep: Situation = { workers: [], target: { replicas: 0 } };
const crowd = { ready: 100, oldestWaitMs: 60_000 };

describe('a paused pool', () => {
  it('does not grow for those who wait, says why, and grows at once when it is resumed', () => {
    const ticker = createTicker(makeSettings());
    const paused = ticker.tick({ ...crowd, workers: busyWorkers(2), paused: true });
    expect(paused.decision).toEqual({
      kind: 'scale',
      replicas: 2,
      reason: 'steady',
      restricted: 'pool-paused',
    });
    expect(paused.plan).toMatchObject({ paused: true, ready: 100, needSlots: 2 });
    const resumed = ticker.tick({ ...crowd, workers: busyWorkers(2) });
    expect(resumed.decision).toMatchObject({ reason: 'backlog' });
    expect(resumed.decision).not.toMatchObject({ replicas: 2 });
  });

  it('is not woken where it sleeps at 0', () => {
    const ticker = createTicker(makeSettings({ minWorkers: 0 }));
    const { decision } = ticker.tick({ ...asleep, ...crowd, paused: true });
    expect(decision).toMatchObject({ replicas: 0, reason: 'steady', restricted: 'pool-paused' });
    expect(ticker.tick({ ...asleep, ...crowd }).decision).toMatchObject({ replicas: 4, reason: 'backlog' });
  });

  it('does not grow for jobs that run on workers which are about to go', () => {
    const ticker = createTicker(makeSettings());
    const { decision } = ticker.tick({ workers: busyWorkers(3), target: { replicas: 1 }, paused: true });
    expect(decision).toMatchObject({ replicas: 1, restricted: 'pool-paused' });
  });

  it('keeps the number that was set as the least', () => {
    const ticker = createTicker(makeSettings({ minWorkers: 2 }));
    const { decision } = ticker.tick({ ...crowd, workers: idleWorkers(1), paused: true });
    expect(decision).toMatchObject({ replicas: 2, reason: 'minimum' });
  });

  it('lets idle workers go though jobs wait, after the window, and no busy one', () => {
    const ticker = createTicker(makeSettings());
    const workers = [...busyWorkers(1), ...idleWorkers(5).slice(1)];
    const decisions = Array.from(
      { length: 20 },
      () => ticker.tick({ ...crowd, workers, paused: true }).decision,
    );
    expect(decisions.slice(0, 15).every(({ kind }) => kind === 'scale')).toBe(true);
    expect(decisions[0]).toMatchObject({ replicas: 5, restricted: 'window' });
    const step = decisions.find((decision) => decision.kind === 'scale' && decision.replicas < 5);
    expect(step).toMatchObject({ replicas: 3, reason: 'pool-paused' });
    expect(step).not.toMatchObject({ victims: expect.arrayContaining(['w0']) });
  });

  it('comes down to the most that is allowed for that reason', () => {
    const ticker = createTicker(makeSettings({ maxWorkers: 3 }));
    const workers = [...busyWorkers(1), ...idleWorkers(5).slice(1)];
    const decisions = Array.from(
      { length: 20 },
      () => ticker.tick({ ...crowd, workers, paused: true }).decision,
    );
    expect(decisions).toContainEqual(expect.objectContaining({ replicas: 3, reason: 'maximum' }));
  });

  it('stays paused in its mind while the api is silent, until that says otherwise', () => {
    const ticker = createTicker(makeSettings());
    const situation = { ...crowd, workers: busyWorkers(2) };
    ticker.tick({ ...situation, paused: true });
    const { queue, target } = makeReadings(situation);
    const silent = { queue, target, pool: unknown('answered 503') };
    expect(ticker.tick(silent).decision).toMatchObject({ replicas: 2, restricted: 'pool-paused' });
    expect(ticker.tick(situation).decision).toMatchObject({ reason: 'backlog' });
  });
});

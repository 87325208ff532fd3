import { describe, expect, it } from 'vitest';
import { makeWorker } from '../testing/make-readings.ts';
import { chooseVictims } from './choose-victims.ts';

describe('victims', () => {
  it('are the youngest of the idle ones', () => {
    const workers = [
      makeWorker('old', { ageMs: 9_000 }),
      makeWorker('busy', { ageMs: 1, busy: 1 }),
      makeWorker('young', { ageMs: 2_000 }),
      makeWorker('starting', { ageMs: 1, state: 'starting' }),
      makeWorker('draining', { ageMs: 3_000, state: 'draining' }),
    ];
    const running = workers.map(({ id }) => ({ id }));
    expect(chooseVictims({ workers, running }, 2)).toEqual(['young', 'old']);
    expect(chooseVictims({ workers, running }, 9)).toEqual(['young', 'old']);
  });

  it('are never workers that only one side knows', () => {
    const workers = [makeWorker('unknown to the target'), makeWorker('both')];
    const running = [{ id: 'both' }, { id: 'silent' }];
    expect(chooseVictims({ workers, running }, 9)).toEqual(['both']);
  });

  it('come from the machines that empty soonest', () => {
    const workers = [
      makeWorker('full-1', { ageMs: 1 }),
      makeWorker('full-2', { busy: 1 }),
      makeWorker('pair-1', { ageMs: 2 }),
      makeWorker('pair-2', { ageMs: 3 }),
      makeWorker('alone', { ageMs: 4 }),
    ];
    const running = workers.map(({ id }) => ({ id, node: id.replace(/-.*/, '') }));
    expect(chooseVictims({ workers, running }, 9)).toEqual(['alone', 'pair-1', 'pair-2', 'full-1']);
  });
});

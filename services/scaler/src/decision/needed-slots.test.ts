import { describe, expect, it } from 'vitest';
import { neededSlots, type Demand } from './needed-slots.ts';

const quiet: Demand = {
  ready: 0,
  inflight: 0,
  serviceSeconds: 1,
  coldStartSeconds: 3,
  arrivalsPerSecond: 0,
  oldestWaitSeconds: 0,
  slots: 1,
  starting: false,
  paused: false,
};

const need = (demand: Partial<Demand>) => neededSlots({ ...quiet, ...demand }, 30);

describe('needed slots', () => {
  it.each<[string, Partial<Demand>, number]>([
    ['nothing is there', {}, 0],
    // T = 27, k = 28
    ['one slot starts all in time', { ready: 28 }, 1],
    ['one slot starts all but one in time', { ready: 29 }, 2],
    ['the slots in use get to all', { ready: 27, inflight: 1 }, 1],
    ['the slots in use get to all but one', { ready: 28, inflight: 1 }, 2],
    ['jobs last longer than the wait', { ready: 5, serviceSeconds: 300 }, 5],
    // T is 5 at least: k = 6
    ['a start takes all of the wait', { ready: 6, coldStartSeconds: 100, arrivalsPerSecond: 0 }, 1],
    ['a start takes all of the wait and one more waits', { ready: 7, coldStartSeconds: 100 }, 2],
    // 28 + 1·3 jobs
    ['more arrive while a worker starts', { ready: 28, arrivalsPerSecond: 1 }, 2],
    ['more arrive but nothing waits', { arrivalsPerSecond: 100 }, 0],
    ['workers start slowly: Little', { arrivalsPerSecond: 2.1, serviceSeconds: 2, coldStartSeconds: 16 }, 5],
    [
      'workers start just fast enough',
      { arrivalsPerSecond: 2.1, serviceSeconds: 2, coldStartSeconds: 15 },
      0,
    ],
  ])('when %s', (_name, demand, slots) => {
    expect(need(demand).slots).toBe(slots);
  });

  const late: Partial<Demand> = {
    ready: 1,
    inflight: 3,
    slots: 3,
    oldestWaitSeconds: 31,
    serviceSeconds: 0.001,
  };

  it.each<[string, Partial<Demand>, number]>([
    ['one more when the oldest waits too long', {}, 4],
    ['no more when it is just in time', { oldestWaitSeconds: 30 }, 3],
    ['no more when nobody knows', { oldestWaitSeconds: undefined }, 3],
    ['no more when nothing is ready', { ready: 0 }, 3],
    ['no more when one is starting', { starting: true }, 3],
  ])('%s', (_name, over, slots) => {
    expect(need({ ...late, ...over })).toEqual({ slots, reason: slots === 4 ? 'oldest-wait' : 'backlog' });
  });
});

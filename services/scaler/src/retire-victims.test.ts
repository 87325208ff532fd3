import { describe, expect, it } from 'vitest';
import type { InternalApi } from './internal-api.ts';
import { retireVictims } from './retire-victims.ts';
import { shrink } from './shrink.ts';
import { unknown, type Reading } from './readings/reading.ts';
import type { MarkAnswer, Marking, ScaleRequest } from './targets/scale-target.ts';
import { makeReadings, makeWorker, type Situation } from './testing/make-readings.ts';

const never = new AbortController().signal;

type Look = Situation | 'unknown';

/** A pool that shows another picture at each look. */
const stage = (looks: Look[], drain?: Reading<readonly string[]>, markings: MarkAnswer[] = []) => {
  const drained: unknown[] = [];
  const marked: (readonly string[])[] = [];
  const waits: number[] = [];
  let seen = -1;
  const now = () => {
    const look = looks[Math.max(0, seen)] ?? 'unknown';
    return look === 'unknown' ? { ...makeReadings(), pool: unknown('gone') } : makeReadings(look);
  };
  const api: InternalApi = {
    readPool: async () => now().pool,
    drain: async (request) => {
      drained.push(request);
      return drain ?? { ok: true, value: request.workers, at: 0 };
    },
  };
  const target = {
    read: async () => now().target,
    markVictims: async ({ victims }: Marking) => {
      marked.push(victims);
      return markings.shift() ?? ({ ok: true } as const);
    },
    scaleTo: async ({ victims }: ScaleRequest) => ({ ok: true, removed: victims, stayed: [] }) as const,
  };
  const sleep = async (ms: number, signal: AbortSignal) => {
    waits.push(ms);
    seen += 1;
    return !signal.aborted;
  };
  const timeLimit = () => never;
  return { deps: { api, target, sleep, timeLimit }, drained, marked, waits };
};

const chosen = (victims: string[]) => {
  const { pool } = makeReadings({ workers: victims.map((id) => makeWorker(id)) });
  if (!pool.ok) throw new Error(pool.reason);
  return { victims, pool: pool.value };
};

const step = async (deps: ReturnType<typeof stage>['deps'], victims: string[]) =>
  shrink(deps, { chosen: chosen(victims), before: victims.length }, never);

const gone = { workers: [], present: [], replicas: 0 };

const draining = (id: string) => makeWorker(id, { state: 'draining' });
const busy = (id: string) => makeWorker(id, { state: 'draining', busy: 1 });

describe('victims', () => {
  it('may go when they have said that they drain and have no job', async () => {
    const { deps, drained, marked, waits } = stage([{ workers: [draining('a'), draining('b')] }]);
    expect((await retireVictims(deps, chosen(['a', 'b']), never)).going).toEqual(['a', 'b']);
    expect(drained).toEqual([{ workers: ['a', 'b'], ttlSeconds: 60 }]);
    expect(marked.at(-1)).toEqual(['a', 'b']);
    expect(waits).toEqual([1_500]);
  });

  it('drop out when they took a job meanwhile, and may work again', async () => {
    const look = { workers: [draining('a'), busy('b')] };
    const { deps, drained, marked, waits } = stage([look, look]);
    expect(await step(deps, ['a', 'b'])).toMatchObject({ did: 'scaled', removed: ['a'] });
    expect(drained.slice(1)).toEqual([{ workers: ['b'], ttlSeconds: 0 }]);
    expect(marked).toEqual([['a', 'b'], ['a'], ['a']]);
    expect(waits).toEqual([1_500, 1_500]);
  });

  it('all stay when another takes a job while the mark of the first is forgotten', async () => {
    const { deps, drained, marked } = stage([
      { workers: [draining('a'), busy('b')] },
      { workers: [busy('a'), busy('b')] },
    ]);
    expect(await step(deps, ['a', 'b'])).toMatchObject({ did: 'refused', code: 'not-drained' });
    expect(drained.at(-1)).toEqual({ workers: ['b', 'a'], ttlSeconds: 0 });
    expect(marked).toEqual([['a', 'b'], ['a'], []]);
  });

  it('work on when they cannot be marked', async () => {
    const refusal = { ok: false, reason: 'answered 403' } as const;
    const { deps, drained, marked, waits } = stage([{}], undefined, [refusal]);
    expect(await step(deps, ['a'])).toMatchObject({ code: 'not-marked', reason: 'mark: answered 403' });
    expect(drained[1]).toEqual({ workers: ['a'], ttlSeconds: 0 });
    expect(marked).toEqual([['a'], []]);
    expect(waits).toEqual([]);
  });

  it('are looked at again when they have not heard yet', async () => {
    const { deps, waits } = stage([{ workers: [makeWorker('a')] }, { workers: [draining('a')] }]);
    expect((await retireVictims(deps, chosen(['a']), never)).going).toEqual(['a']);
    expect(waits).toEqual([1_500, 1_000]);
  });

  it('stay when they never say that they drain', async () => {
    const { deps, drained, waits } = stage([
      { workers: [makeWorker('a')] },
      { workers: [makeWorker('a')] },
      { workers: [makeWorker('a')] },
    ]);
    expect(await step(deps, ['a'])).toMatchObject({ did: 'refused', code: 'not-drained' });
    expect(waits).toHaveLength(3);
    expect(drained[1]).toEqual({ workers: ['a'], ttlSeconds: 0 });
  });

  it('stay when the api falls silent', async () => {
    const { deps } = stage(['unknown', 'unknown', 'unknown']);
    expect((await retireVictims(deps, chosen(['a']), never)).going).toEqual([]);
  });

  it('stay when the pool no longer shows one that runs', async () => {
    const { deps } = stage([
      { workers: [], target: { workers: [{ id: 'a' }], present: ['a'], replicas: 1 } },
    ]);
    expect((await retireVictims(deps, chosen(['a']), never)).going).toEqual([]);
  });

  it('have gone when the target no longer has them', async () => {
    const { deps } = stage([{ workers: [draining('a')], target: gone }]);
    expect((await retireVictims(deps, chosen(['a']), never)).going).toEqual(['a']);
  });

  it('stay when they took a job and the target does not count them as workers for a moment', async () => {
    const target = { workers: [{ id: 'a' }], present: ['a', 'b'] };
    const { deps } = stage([{ workers: [draining('a'), busy('b')], target }]);
    expect((await retireVictims(deps, chosen(['a', 'b']), never)).going).toEqual(['a']);
  });

  it('stay when the api does not know them and they are only not ready', async () => {
    const { deps } = stage([{ workers: [], target: { workers: [], present: ['a'] } }]);
    expect((await retireVictims(deps, chosen(['a']), never)).going).toEqual([]);
  });

  it('stay when the target no longer has them and the api calls them busy', async () => {
    const { deps } = stage([{ workers: [busy('a')], target: gone }]);
    expect((await retireVictims(deps, chosen(['a']), never)).going).toEqual([]);
  });

  it('go although they are not ready when they have drained', async () => {
    const target = { workers: [], present: ['a'] };
    const { deps } = stage([{ workers: [draining('a')], target }]);
    expect(await step(deps, ['a'])).toMatchObject({ did: 'scaled', removed: ['a'] });
  });

  it('are only those the api took note of', async () => {
    const { deps } = stage([{ workers: [draining('a'), draining('b')] }], { ok: true, value: ['b'], at: 0 });
    expect((await retireVictims(deps, chosen(['a', 'b']), never)).going).toEqual(['b']);
  });

  it('are not marked when they cannot be asked', async () => {
    const { deps, marked, waits } = stage([{}], unknown('answered 503'));
    expect(await step(deps, ['a'])).toMatchObject({ code: 'not-asked', reason: 'drain: answered 503' });
    expect([marked, waits]).toEqual([[], []]);
  });

  it('stay when the scaler stops in between', async () => {
    const { deps } = stage([{ workers: [draining('a')] }]);
    expect((await retireVictims(deps, chosen(['a']), AbortSignal.abort())).going).toEqual([]);
  });
});

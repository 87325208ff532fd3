import { createRecordedLogger } from '@factorial/core/testing/recorded-logger';
import { describe, expect, it } from 'vitest';
import { createHeartbeat } from './heartbeat.ts';

/** A heartbeat to an api that is there or not. */
const createScene = () => {
  const told: string[] = [];
  const scene = { isAway: false };
  const heartbeat = createHeartbeat({
    client: {
      beat: async () => {
        if (scene.isAway) throw new Error('nobody there');
        return Promise.resolve({ cancel: [], lost: [], drain: false, paused: false });
      },
      leave: async () => Promise.resolve(),
    },
    state: () => ({
      pool: 'p',
      slots: 1,
      state: 'active',
      startedAt: 0,
      coldStartMs: 1,
      held: 0,
      jobs: [],
    }),
    onAnswer: () => told.push('answer'),
    onSilence: () => told.push('silence'),
    logger: createRecordedLogger().logger,
  });
  const beat = async (times: number): Promise<string[]> => {
    told.length = 0;
    for (let count = 0; count < times; count += 1) await heartbeat.runOnce();
    return [...told];
  };
  return { scene, beat };
};

describe('the heartbeat', () => {
  it('tells once that the api is silent when five beats in a row went unanswered', async () => {
    const { scene, beat } = createScene();
    scene.isAway = true;
    expect([await beat(4), await beat(1), await beat(10)]).toEqual([[], ['silence'], []]);
  });

  it('counts anew after an answer', async () => {
    const { scene, beat } = createScene();
    scene.isAway = true;
    await beat(4);
    scene.isAway = false;
    expect(await beat(1)).toEqual(['answer']);
    scene.isAway = true;
    expect([await beat(4), await beat(1)]).toEqual([[], ['silence']]);
  });
});

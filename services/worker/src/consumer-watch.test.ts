import { describe, expect, it } from 'vitest';
import { createConsumerWatch, stalledAfterMs } from './consumer-watch.ts';

const createCase = () => {
  const state = { isConnected: true, isConsuming: false, isWanted: true, now: 0 };
  const live = createConsumerWatch({
    consumer: { connected: () => state.isConnected, consuming: () => state.isConsuming },
    isWanted: () => state.isWanted,
    nowMs: () => state.now,
  });
  /** Asks now and again just after the time allowed. */
  const liveAfterwards = (): boolean => {
    live();
    state.now += stalledAfterMs;
    return live();
  };
  return { state, live, liveAfterwards };
};

describe('createConsumerWatch', () => {
  it('is not live when it has not consumed for 30 s on an open connection, and live again when it does', () => {
    const { state, live, liveAfterwards } = createCase();
    expect(live()).toBe(true);
    expect(liveAfterwards()).toBe(false);
    state.isConsuming = true;
    expect(live()).toBe(true);
  });

  it.each([
    ['the broker is away', { isConnected: false }],
    ['it consumes', { isConsuming: true }],
    ['it drains', { isWanted: false }],
  ])('stays live when %s', (_, change) => {
    const { state, liveAfterwards } = createCase();
    Object.assign(state, change);
    expect(liveAfterwards()).toBe(true);
  });

  it('counts from the moment the broker is back', () => {
    const { state, live } = createCase();
    state.isConnected = false;
    live();
    state.now = 10 * stalledAfterMs;
    state.isConnected = true;
    expect(live()).toBe(true);
    state.now += stalledAfterMs - 1;
    expect(live()).toBe(true);
  });
});

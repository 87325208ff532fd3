import { describe, expect, it } from 'vitest';
import { createControlLoop } from '../control-loop.ts';
import { createSmallWorld } from '../testing/small-world.ts';
import { statementOf } from './statement.ts';

describe('statementOf', () => {
  it('says how many workers it wants and why', async () => {
    const report = await createControlLoop({ ...createSmallWorld(1).deps }).runOnce();
    expect(statementOf(report)).toMatchObject({ decision: 'scale', replicas: 1, reason: expect.any(String) });
  });

  it('says what is missing when it holds, and no number', async () => {
    const { deps } = createSmallWorld(1);
    const readQueue = async () => ({ ok: false, reason: 'answered 503' }) as const;
    const report = await createControlLoop({ ...deps, readQueue }).runOnce();
    expect(statementOf(report)).toEqual({ decision: 'hold', reason: 'queue-unknown: answered 503' });
  });
});

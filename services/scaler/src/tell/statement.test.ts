import type { ScalerStatement } from '@factorial/core/internal/protocol';
import { describe, expect, it } from 'vitest';
import { createControlLoop } from '../control-loop.ts';
import { createSmallWorld } from '../testing/small-world.ts';
import { createStatementTeller, statementOf } from './statement.ts';

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

describe('the api', () => {
  it('is told of each tick, and not of one that was cut short', async () => {
    const told: string[] = [];
    const api = { state: async ({ reason }: ScalerStatement) => void told.push(reason) };
    const tell = createStatementTeller({ api, timeoutMs: 100 });
    const report = await createControlLoop({ ...createSmallWorld(1).deps }).runOnce();
    tell(report);
    tell({ ...report, cutShort: true });
    expect(told).toEqual([report.decision.reason]);
  });

  it('is told for a while why the number changed, and then that it is steady', async () => {
    const told: string[] = [];
    const api = {
      state: async ({ reason, replicas }: ScalerStatement) => void told.push(`${reason} ${replicas ?? ''}`),
    };
    const tell = createStatementTeller({ api, timeoutMs: 100 });
    const report = await createControlLoop({ ...createSmallWorld(1).deps }).runOnce();
    const at = (seconds: number, reason: 'backlog' | 'steady', replicas: number): void =>
      tell({ ...report, at: seconds * 1_000, decision: { kind: 'scale', reason, replicas } });
    at(0, 'steady', 1);
    at(2, 'backlog', 3);
    at(4, 'steady', 3);
    at(7, 'steady', 3);
    at(8, 'steady', 3);
    at(9, 'steady', 2);
    expect(told).toEqual(['steady 1', 'backlog 3', 'backlog 3', 'backlog 3', 'steady 3', 'steady 2']);
  });
});

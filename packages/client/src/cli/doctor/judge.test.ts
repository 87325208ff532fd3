import { describe, expect, it } from 'vitest';
import type { Queue, Task } from '../../api-types.ts';
import { judgeApi } from './judge-api.ts';
import { judgePools, judgeTasks } from './judge-queue.ts';
import { claimsOf, judgeText } from './judge-token.ts';

const nowMs = Date.UTC(2025, 5, 1);

const tokenOf = (claims: object): string =>
  `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

describe('the api', () => {
  const ours = { kind: 'ours', version: '1', tookMs: 12, aheadMs: 0 } as const;
  const codes = (...args: Parameters<typeof judgeApi>) => judgeApi(...args).map(({ code }) => code);

  it.each([
    [0, 'ok'],
    [-2_900, 'ok'],
    [3_100, 'clock-drifts'],
    [-29_000, 'clock-drifts'],
    [31_000, 'clock-off'],
    [-31_000, 'clock-off'],
  ])('has a clock that is %s ms ahead: %s', (aheadMs, code) => {
    expect(codes('http://a', { ...ours, aheadMs })).toEqual(['ok', code]);
  });

  it('may have another version, or no clock that it tells', () => {
    expect(codes('http://a', { ...ours, version: '2', aheadMs: undefined })).toEqual([
      'other-version',
      'skipped',
    ]);
  });

  it('may be nowhere', () => {
    expect(codes(undefined, undefined)).toEqual(['no-api-url']);
  });
});

describe('the text of a token', () => {
  const soon = nowMs / 1_000 + 60;

  it.each([
    ['none', undefined, 'token-missing'],
    ['a word', 'secret', 'token-malformed'],
    ['three words', 'a.b.c', 'token-malformed'],
    ['one that is over', tokenOf({ exp: soon - 61 }), 'token-expired'],
    ['one that is not good yet', tokenOf({ exp: soon, nbf: soon - 1 }), 'token-not-yet'],
    ['one that is good', tokenOf({ exp: soon }), undefined],
  ])('may be %s', (_, token, code) => {
    expect(judgeText(token, nowMs)?.code).toBe(code);
  });

  it('has scopes in one claim', () => {
    expect([...(claimsOf(tokenOf({ scope: 'jobs:read  admin' }))?.scopes ?? [])]).toEqual([
      'jobs:read',
      'admin',
    ]);
  });
});

describe('a pool', () => {
  const pool: Queue['pools'][number] = {
    pool: 'p',
    ready: 0,
    inFlight: 0,
    oldestWaitSeconds: 0,
    paused: false,
    workers: { busy: 0, idle: 1, draining: 0 },
    scaler: { decision: 'scale', reason: 'steady', replicas: 1 },
  };
  const limits = { runTimeoutSeconds: 1, queueTimeoutSeconds: 1, maxAttempts: 1, memoryMiB: 16 };
  const task: Task = {
    name: 't',
    version: '1',
    pool: 'p',
    input: {},
    output: { mediaType: 'text/plain' },
    deterministic: false,
    limits,
    links: { self: '/' },
  };
  const codes = (more: Partial<typeof pool>, tasks = [task]): string[] =>
    judgePools({ pools: [{ ...pool, ...more }] }, tasks, nowMs).map(({ code }) => code);

  it.each<[string, Partial<typeof pool>, string[]]>([
    ['is well', {}, ['ok', 'ok', 'ok']],
    [
      'is paused',
      { paused: true, scaler: { decision: 'hold', reason: 'paused: x' } },
      ['pool-paused', 'ok', 'ok'],
    ],
    ['is stuck', { ready: 2, oldestWaitSeconds: 40 }, ['queue-stuck', 'ok', 'ok']],
    [
      'is busy',
      { ready: 2, oldestWaitSeconds: 40, workers: { busy: 1, idle: 0, draining: 0 } },
      ['ok', 'ok', 'ok'],
    ],
    ['has no worker', { workers: { busy: 0, idle: 0, draining: 0 } }, ['ok', 'no-worker', 'ok']],
    ['has none that stays', { workers: { busy: 0, idle: 0, draining: 1 } }, ['ok', 'workers-drain', 'ok']],
    ['is held', { scaler: { decision: 'hold', reason: 'queue-unknown: x' } }, ['ok', 'ok', 'scaler-holds']],
  ])('%s', (_, more, expected) => {
    expect(codes(more)).toEqual(expected);
  });

  it('has a scaler that is silent', () => {
    const { scaler: _, ...silent } = pool;
    expect(judgePools({ pools: [silent] }, [task], nowMs).map(({ code }) => code)).toEqual([
      'ok',
      'ok',
      'scaler-silent',
    ]);
  });

  it('is of no interest when it serves nothing and nobody waits in it', () => {
    expect(codes({}, [])).toEqual([]);
    expect(codes({ ready: 1 }, [])).toHaveLength(3);
    expect(judgeTasks([]).code).toBe('no-task');
  });
});

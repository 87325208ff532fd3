import { describe, expect, it } from 'vitest';
import { explainExit, type RunnerExit } from './explain-exit.ts';

const explain = (exit: Partial<RunnerExit>, lastResidentBytes = 0) =>
  explainExit({
    exit: { exitCode: null, signal: null, lastWords: '', ...exit },
    lastResidentBytes,
    memoryLimitBytes: 100,
  });

describe('explainExit', () => {
  it('names the signal or the exit code', () => {
    expect(explain({ signal: 'SIGSEGV' })).toEqual({
      code: 'runner-crashed',
      message: 'the runner was killed by SIGSEGV',
    });
    expect(explain({ exitCode: 3 }).message).toBe('the runner exited with code 3');
    expect(explain({ startError: 'ENOENT' }).message).toBe('the runner could not be started: ENOENT');
  });

  it('adds the line of its last words that tells most', () => {
    const lastWords = 'loading\nTypeError: no weights\n    at load\n\nNode.js v24\n';
    expect(explain({ exitCode: 1, lastWords }).message).toBe(
      'the runner exited with code 1: TypeError: no weights',
    );
    expect(explain({ exitCode: 1, lastWords: 'one\ntwo\n' }).message).toContain(': two');
  });

  it('says out of memory when its runtime says so, or when it was killed near its limit', () => {
    const lastWords = 'FATAL ERROR: Reached heap limit - JavaScript heap out of memory\n';
    expect(explain({ signal: 'SIGABRT', lastWords }).code).toBe('out-of-memory');
    expect(explain({ exitCode: 1, lastWords: 'MemoryError\n' }).code).toBe('out-of-memory');
    expect(explain({ signal: 'SIGKILL' }, 80).code).toBe('out-of-memory');
    expect(explain({ signal: 'SIGKILL' }, 70).code).toBe('runner-crashed');
    expect(explain({ signal: 'SIGTERM' }, 80).code).toBe('runner-crashed');
  });
});

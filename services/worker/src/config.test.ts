import { ConfigError, loadConfig } from '@factorial/core/config/load-config';
import { describe, expect, it } from 'vitest';
import { configSchema } from './config.ts';

const needed = {
  AMQP_URL: 'amqp://localhost',
  INTERNAL_URL: 'http://localhost:8081',
  INTERNAL_TOKEN_FILE: '/run/token',
};

const mistakesOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(configSchema, env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.mistakes : [];
  }
};

describe("the worker's configuration", () => {
  it('needs three variables and has defaults for the others', () => {
    expect(loadConfig(configSchema, needed)).toMatchObject({
      POOL: 'factorial',
      SLOTS: 1,
      GRACE_SECONDS: 20,
      OPS_PORT: 9090,
      EXIT_WITH_PARENT: false,
    });
  });

  it('takes a list of task folders', () => {
    expect(loadConfig(configSchema, { ...needed, TASKS: './a, ./b,' }).TASKS).toEqual(['./a', './b']);
  });

  it('tells every mistake at once', () => {
    const mistakes = mistakesOf({ AMQP_URL: 'http://x', SLOTS: '0', TASKS: ' , ', FACTORIAL_MAX_N: '-1' });
    expect(
      mistakes.map((mistake) => mistake.replace(/:.*/s, '')).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['AMQP_URL', 'FACTORIAL_MAX_N', 'INTERNAL_TOKEN_FILE', 'INTERNAL_URL', 'SLOTS', 'TASKS']);
  });
});

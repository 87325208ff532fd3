import { availableParallelism } from 'node:os';
import { loadConfig } from '@factorial/core/config/load-config';
import { describe, expect, it } from 'vitest';
import { scalerConfigSchema } from './config.ts';

const least = {
  RABBITMQ_MANAGEMENT_URL: 'http://user:secret@localhost:15672',
  INTERNAL_URL: 'http://localhost:8081',
  INTERNAL_TOKEN_FILE: 'token',
  LOCAL_WORKER_COMMAND: '["node","worker.js"]',
};

const load = (env: Record<string, string> = {}) => loadConfig(scalerConfigSchema, { ...least, ...env });

describe('the configuration', () => {
  it('needs where to look and what to start, and no more', () => {
    expect(load()).toMatchObject({
      RABBITMQ_VHOST: '/',
      POOL: 'factorial',
      MIN_WORKERS: 1,
      MAX_WORKERS: availableParallelism(),
      DRY_RUN: false,
      LOCAL_WORKER_COMMAND: ['node', 'worker.js'],
      LOCAL_WORKER_ENV: {},
    });
  });

  it('names everything that is missing at once', () => {
    expect(() => loadConfig(scalerConfigSchema, {})).toThrow(
      /RABBITMQ_MANAGEMENT_URL[^]*INTERNAL_URL[^]*INTERNAL_TOKEN_FILE[^]*LOCAL_WORKER_COMMAND/,
    );
  });

  it.each([
    ['TARGET', 'kubernetes'],
    ['MIN_WORKERS', '5000'],
    ['MAX_WORKERS', '0'],
    ['MAX_WORKERS', '1e3'],
    ['SLOTS_PER_WORKER', '0'],
    ['TICK_SECONDS', '0'],
    ['DOWN_WINDOW_SECONDS', '4'],
    ['POOL', 'Not a slug'],
    ['DRY_RUN', 'yes'],
    ['INTERNAL_URL', 'localhost:8081'],
    ['RABBITMQ_MANAGEMENT_URL', 'amqp://localhost'],
    ['LOCAL_WORKER_COMMAND', 'node worker.js'],
    ['LOCAL_WORKER_COMMAND', '[]'],
    ['LOCAL_WORKER_COMMAND', '["node", 1]'],
    ['LOCAL_WORKER_ENV', '{"A":1}'],
    ['LOCAL_WORKER_ENV', '{'],
  ])('is refused when %s is %s', (name, value) => {
    expect(() => load({ [name]: value })).toThrow(`  ${name}: `);
  });

  it('is refused when the minimum is over the maximum', () => {
    expect(() => load({ MIN_WORKERS: '5', MAX_WORKERS: '4' })).toThrow(
      'MIN_WORKERS: has to be at most MAX_WORKERS',
    );
  });

  it('tells that together with another mistake', () => {
    expect(() => load({ MIN_WORKERS: '5', MAX_WORKERS: '4', TICK_SECONDS: 'x' })).toThrow(
      /TICK_SECONDS[^]*MIN_WORKERS/,
    );
  });

  it('does not show the password when something else is wrong', () => {
    expect(() => load({ TICK_SECONDS: 'x' })).toThrow(/^(?![^]*secret)/);
  });

  it('describes each variable', () => {
    const silent = Object.entries(scalerConfigSchema.shape).filter(([, field]) => !field.description);
    expect(silent).toEqual([]);
  });
});

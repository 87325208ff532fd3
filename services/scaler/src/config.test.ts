import { availableParallelism } from 'node:os';
import { loadConfig } from '@factorial/core/config/load-config';
import { describe, expect, it } from 'vitest';
import { scalerConfigSchema } from './config.ts';
import { settingsFrom } from './settings-from.ts';

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
      POOLS: [{ name: 'factorial' }],
      MIN_WORKERS: 1,
      MAX_WORKERS: availableParallelism(),
      DRY_RUN: false,
      LOCAL_WORKER_COMMAND: ['node', 'worker.js'],
      LOCAL_WORKER_ENV: {},
    });
  });

  it('names everything that is missing at once', () => {
    expect(() => loadConfig(scalerConfigSchema, {})).toThrow(
      /RABBITMQ_MANAGEMENT_URL[^]*INTERNAL_URL[^]*INTERNAL_TOKEN_FILE/,
    );
  });

  it.each([
    ['TARGET', 'somewhere'],
    ['MIN_WORKERS', '5000'],
    ['MAX_WORKERS', '0'],
    ['MAX_WORKERS', '1e3'],
    ['SLOTS_PER_WORKER', '0'],
    ['TICK_SECONDS', '0'],
    ['READ_TIMEOUT_MS', '5001'],
    ['DOWN_WINDOW_SECONDS', '4'],
    ['POOLS', 'factorial'],
    ['POOLS', '[]'],
    ['POOLS', '[{"name":"Not a slug"}]'],
    ['POOLS', '[{"name":"a"},{"name":"a"}]'],
    ['POOLS', '[{"name":"a","minWorker":1}]'],
    ['POOLS', '[{"name":"a","minWorkers":-1}]'],
    ['POOLS', '[{"name":"a","minWorkers":3,"maxWorkers":2}]'],
    ['POOLS', '[{"name":"a","minWorkers":999}]'],
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

  it('needs to know its place in a cluster, and no program of workers', () => {
    const { LOCAL_WORKER_COMMAND: _none, ...sources } = least;
    const env = { ...sources, TARGET: 'kubernetes', POOLS: '[{"name":"a","deployment":"work-a"}]' };
    expect(() => loadConfig(scalerConfigSchema, env)).toThrow(
      /^(?![^]*LOCAL)[^]*NAMESPACE[^]*LEASE_NAME[^]*POD_NAME/,
    );
    const place = { NAMESPACE: 'n', LEASE_NAME: 'l', POD_NAME: 'p' };
    expect(loadConfig(scalerConfigSchema, { ...env, ...place })).toMatchObject(place);
    expect(() => loadConfig(scalerConfigSchema, { ...env, ...place, POOLS: '[{"name":"a"}]' })).toThrow(
      'POOLS: has a pool without deployment',
    );
  });

  it('needs a program of workers on a machine of its own', () => {
    expect(() => load({ LOCAL_WORKER_COMMAND: '' })).toThrow('LOCAL_WORKER_COMMAND: is missing');
  });

  it('takes what a pool does not say from what holds for all', () => {
    const config = load({ MAX_WORKERS: '7', POOLS: '[{"name":"a"},{"name":"b","maxWorkers":3}]' });
    expect(config.POOLS.map((pool) => settingsFrom(config, pool).maxWorkers)).toEqual([7, 3]);
  });

  it('does not show the password when something else is wrong', () => {
    expect(() => load({ TICK_SECONDS: 'x' })).toThrow(/^(?![^]*secret)/);
  });

  it('describes each variable', () => {
    const silent = Object.entries(scalerConfigSchema.shape).filter(([, field]) => !field.description);
    expect(silent).toEqual([]);
  });
});

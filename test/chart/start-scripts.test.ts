/** The scripts that start the embedded RabbitMQ and Redis write passwords into files of other languages. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ensureHelm } from '../../dev/helm/ensure-helm.ts';
import { ofKind, render } from './rendered-chart.ts';

const scripts: Record<string, string> = {};
beforeAll(async () => {
  await ensureHelm();
  for (const { metadata, data } of ofKind(await render(), 'ConfigMap'))
    scripts[metadata.name] = z.record(z.string(), z.string()).parse(data)['start.sh'] ?? '';
}, 900_000);

/** @returns what it says until it stops; the server itself is not there to be started. */
const start = async (script: string, env: Record<string, string>): Promise<string> => {
  const failed: unknown = await promisify(execFile)('/bin/sh', ['-c', script], {
    env: { PATH: '/nonexistent', HOME: '/nonexistent', ...env },
    timeout: 10_000,
  }).catch((error: unknown) => error);
  return z.object({ stderr: z.string() }).parse(failed).stderr;
};

const passwords = ['a"b', "a'b", 'a b', String.raw`a\b`, 'a\nb'];

describe.each([
  ['factorial-redis', 'REDIS_PASSWORD', {}],
  ['factorial-rabbitmq', 'RABBITMQ_PASSWORD', { RABBITMQ_USER: 'factorial' }],
] as const)('%s', (name, variable, others) => {
  test.each(passwords)('refuses the password %j, in one sentence', async (password) => {
    const told = await start(scripts[name] ?? '', { ...others, [variable]: password });
    expect(told).toMatch(/^the .*password of the Secret has a quote, a blank or a backslash in it.*\n$/);
  });

  test('takes other letters', async () => {
    const told = await start(scripts[name] ?? '', { ...others, [variable]: 'aZ09-_.~!$%&/=?+*#@:' });
    expect(told).not.toContain('the Secret');
    expect(told).toMatch(/not found|nonexistent/i);
  });
});

/** The scripts that start the embedded RabbitMQ and Redis write passwords into files of other languages, and keep a volume for one server. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ensureHelm } from '../../dev/helm/ensure-helm.ts';
import { childrenOf } from '../chaos/processes/find-processes.ts';
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

/** Stands in for the servers: it takes what it is given, says that it is there, and stays. */
const server = '#!/bin/sh\ncat > /dev/null\necho started\nexec sleep 60\n';

interface Volume {
  dir: string;
  mountedAt: string;
}

/** One life of a container, with the volume in a folder of this machine. */
const live = (script: string, { dir, mountedAt }: Volume, env: Record<string, string>) => {
  const child = spawn('/bin/sh', ['-c', script.replaceAll(mountedAt, dir)], {
    env: { PATH: `${dir}:/usr/bin:/bin`, HOME: dir, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const commandsBelow = async (): Promise<string[]> => {
    const pids = await childrenOf(child.pid ?? 0);
    return Promise.all(pids.map(async (pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  };
  const ended = once(child, 'exit');
  return {
    hasStarted: () => said === 'started\n',
    isWaiting: async () => (await commandsBelow()).some((command) => command.startsWith('flock')),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

const mounts = { 'factorial-redis': '/data', 'factorial-rabbitmq': '/var/lib/rabbitmq' } as const;

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

  test('waits for its volume while a predecessor lives that was deleted by force', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'factorial-volume-'));
    for (const program of ['redis-server', 'rabbitmq-server'])
      await writeFile(join(dir, program), server, { mode: 0o755 });
    const begin = () =>
      live(scripts[name] ?? '', { dir, mountedAt: mounts[name] }, { ...others, [variable]: 'secret' });
    const first = begin();
    await waitUntil(first.hasStarted, { what: 'the first server has the volume' });
    const second = begin();
    try {
      await waitUntil(second.isWaiting, { what: 'the second one waits for it' });
      expect(second.hasStarted()).toBe(false);
      await first.kill();
      await waitUntil(second.hasStarted, { what: 'the second one has it' });
    } finally {
      await Promise.all([first.kill(), second.kill()]);
      await rm(dir, { recursive: true });
    }
  });
});

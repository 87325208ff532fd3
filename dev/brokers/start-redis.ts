/** Starts a private Redis: loopback only, a password of its own, never evicting. */
import { join } from 'node:path';
import type { Broker, BrokerOptions } from './broker.ts';
import { startContainer } from './container.ts';
import { exchange } from './exchange.ts';
import { type Identity, loadIdentity } from './identity.ts';
import { type Program, startProgram } from '../programs/program.ts';
import { waitUntilReady } from '../programs/wait-until-ready.ts';

export interface RedisOptions extends BrokerOptions {
  /** `always`: an acknowledged write survives anything but the disk. `off`: nothing is written at all. */
  appendfsync?: 'always' | 'everysec' | 'off';
  maxMemoryMiB?: number;
  /** Default: one of its own. Nodes that replicate share theirs. */
  password?: string;
  /** Further lines of its configuration. */
  settings?: readonly string[];
}

interface Listener {
  host: string;
  port: number;
  dir: string;
}

const redisConfig = (options: RedisOptions, password: string, listener: Listener): string => {
  const { appendfsync = 'always', maxMemoryMiB = 512 } = options;
  return [
    `bind ${listener.host}`,
    `port ${listener.port}`,
    `dir "${listener.dir}"`,
    `requirepass ${password}`,
    `appendonly ${appendfsync === 'off' ? 'no' : 'yes'}`,
    `appendfsync ${appendfsync === 'off' ? 'no' : appendfsync}`,
    'save ""',
    `maxmemory ${maxMemoryMiB}mb`,
    'maxmemory-policy noeviction',
    ...(options.settings ?? []),
    '',
  ].join('\n');
};

const isServing = async (port: number, password: string): Promise<boolean> => {
  const answer = await exchange(
    port,
    `AUTH ${password}\r\nPING\r\n`,
    (text) => text.split('\r\n').length > 2,
  );
  return answer.includes('+PONG');
};

const containerPort = 6379;

/** The configuration goes in by standard input (`redis-server -`): the password is in no argument list. */
const launch = async (
  options: RedisOptions,
  identity: Identity<'redis'>,
  logFile: string,
): Promise<Program> => {
  const { source, dataDir } = options;
  const { password } = identity;
  const port = identity.port('redis');
  if (source.kind === 'docker') {
    const input = redisConfig(options, password, { host: '0.0.0.0', port: containerPort, dir: '/data' });
    const container = { image: 'redis:7-alpine', dataDir, mount: '/data', command: ['redis-server', '-'] };
    return startContainer({ ...container, ports: { [port]: containerPort }, logFile, input });
  }
  const input = redisConfig(options, password, { host: '127.0.0.1', port, dir: dataDir });
  const env = { LANG: 'C.UTF-8', ...options.env };
  return startProgram({ command: source.command, args: ['-'], env, cwd: dataDir, logFile, input });
};

/** Resolves when it answers a PING; a data directory is read in before that. */
export const startRedis = async (options: RedisOptions): Promise<Broker> => {
  const own = await loadIdentity(options.dataDir, ['redis']);
  const identity = { ...own, password: options.password ?? own.password };
  const logFile = options.logFile ?? join(options.dataDir, 'redis.log');
  const port = identity.port('redis');
  const program = await launch(options, identity, logFile);
  options.onStart?.(program.pid);
  const isReady = async () => isServing(port, identity.password);
  await waitUntilReady({
    name: 'Redis',
    program,
    logFile,
    timeoutMs: 60_000,
    isReady,
    signal: options.signal,
  });
  return {
    url: `redis://:${identity.password}@127.0.0.1:${port}`,
    pid: program.pid,
    exited: program.exited,
    stop: async () => program.stop(10_000),
    kill: async () => program.kill(),
  };
};

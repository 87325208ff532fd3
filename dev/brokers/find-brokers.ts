/** Finds out how RabbitMQ and Redis can be started on this machine: a program on it, or Docker. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export type BrokerSource = { kind: 'program'; command: string } | { kind: 'docker' };

export interface BrokerSources {
  rabbitmq: BrokerSource | undefined;
  redis: BrokerSource | undefined;
}

const isExecutable = async (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** @returns the first executable of this name in the directories. */
const findIn = async (directories: readonly string[], name: string): Promise<string | undefined> => {
  for (const directory of directories) {
    const file = join(directory, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
};

/** @param path the value of PATH. */
export const findProgram = async (name: string, path: string): Promise<string | undefined> =>
  findIn(path.split(delimiter).filter(Boolean), name);

/**
 * RabbitMQ's own scripts come first: on Debian the one on PATH is a wrapper that changes the user and the directory,
 * and needs to be root for it. /opt/homebrew and /usr/local are where Homebrew puts them, outside PATH.
 */
const findRabbitmq = async (path: string): Promise<string | undefined> =>
  findIn(
    [
      '/usr/lib/rabbitmq/bin',
      ...path.split(delimiter).filter(Boolean),
      '/opt/homebrew/sbin',
      '/usr/local/sbin',
    ],
    'rabbitmq-server',
  );

const dockerAnswers = async (): Promise<boolean> =>
  promisify(execFile)('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeout: 5_000,
  }).then(
    () => true,
    () => false,
  );

/** @param path the value of PATH. */
export const findBrokers = async (path: string): Promise<BrokerSources> => {
  const rabbitmq = await findRabbitmq(path);
  const redis = await findProgram('redis-server', path);
  const docker = (!rabbitmq || !redis) && (await dockerAnswers());
  const source = (command: string | undefined): BrokerSource | undefined => {
    if (command !== undefined) return { kind: 'program', command };
    return docker ? { kind: 'docker' } : undefined;
  };
  return { rabbitmq: source(rabbitmq), redis: source(redis) };
};

/** Speaks to a private RabbitMQ as its operator would: alarms and settings that the management API cannot change. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { containerName } from './container.ts';
import type { BrokerSource } from './find-brokers.ts';
import { freePort } from './free-port.ts';
import { readIdentity } from './identity.ts';
import { rabbitmqEnv } from './rabbitmq-program.ts';

export interface RabbitmqctlTarget {
  source: BrokerSource;
  /** Of a RabbitMQ that runs. */
  dataDir: string;
}

/** Runs it with these arguments. @returns what it printed. @throws with what it said when it fails. */
export type Rabbitmqctl = (...args: string[]) => Promise<string>;

const timeoutMs = 30_000;

const runInContainer = async (dataDir: string, args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(
    'docker',
    ['exec', containerName(dataDir), 'rabbitmqctl', ...args],
    { timeout: timeoutMs },
  );
  return stdout;
};

/** It is an Erlang node itself for a moment, and would take a port far above the broker's: above the last one there is. */
const runProgram = async (command: string, dataDir: string, args: readonly string[]): Promise<string> => {
  const identity = await readIdentity(dataDir);
  const port = String(await freePort(Math.random));
  const env = {
    ...rabbitmqEnv({ dataDir, identity }),
    RABBITMQ_CTL_DIST_PORT_MIN: port,
    RABBITMQ_CTL_DIST_PORT_MAX: port,
  };
  const { stdout } = await promisify(execFile)(join(dirname(command), 'rabbitmqctl'), [...args], {
    env,
    timeout: timeoutMs,
  });
  return stdout;
};

export const createRabbitmqctl =
  ({ source, dataDir }: RabbitmqctlTarget): Rabbitmqctl =>
  async (...args) =>
    source.kind === 'docker' ? runInContainer(dataDir, args) : runProgram(source.command, dataDir, args);

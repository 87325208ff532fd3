/** Starts a private RabbitMQ with its management API: loopback only, a user of its own, small. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Broker, BrokerOptions } from './broker.ts';
import { startContainer } from './container.ts';
import { exchange } from './exchange.ts';
import { loadIdentity } from './identity.ts';
import type { Program } from '../programs/program.ts';
import { rabbitmqSettings, rabbitmqUser } from './rabbitmq-config.ts';
import {
  type RabbitmqIdentity,
  type RabbitmqMember,
  rabbitmqPorts,
  startRabbitmqProgram,
} from './rabbitmq-program.ts';
import { waitUntilReady } from '../programs/wait-until-ready.ts';

export interface RabbitmqBroker extends Broker {
  /** Credentials included. */
  readonly managementUrl: string;
}

export interface RabbitmqOptions extends BrokerOptions {
  /** Makes it a node of a cluster; only as a program of this machine. */
  member?: RabbitmqMember;
}

interface LaunchOptions extends RabbitmqOptions {
  logFile: string;
  identity: RabbitmqIdentity;
}

/** The programs, the main one first. */
const launch = async (options: LaunchOptions): Promise<[Program, ...Program[]]> => {
  const { source } = options;
  if (source.kind === 'program') return startRabbitmqProgram({ ...options, command: source.command });
  if (options.member) throw new Error('a cluster takes a RabbitMQ that is a program of this machine');
  return [await startInContainer(options)];
};

const startInContainer = async ({ dataDir, identity, logFile }: LaunchOptions): Promise<Program> => {
  const settingsFile = join(dataDir, 'container.conf');
  const inner = { amqpPort: 5672, managementPort: 15_672 };
  await writeFile(settingsFile, rabbitmqSettings({ host: '0.0.0.0', ...inner }));
  return startContainer({
    image: 'rabbitmq:4-management-alpine',
    dataDir,
    mount: '/var/lib/rabbitmq',
    ports: { [identity.port('amqp')]: inner.amqpPort, [identity.port('management')]: inner.managementPort },
    env: { RABBITMQ_DEFAULT_USER: rabbitmqUser, RABBITMQ_DEFAULT_PASS: identity.password },
    files: { [settingsFile]: '/etc/rabbitmq/conf.d/90-factorial.conf' },
    logFile,
  });
};

/** An AMQP 0-9-1 server answers the protocol header with a method frame (type 1), or with another header. */
const speaksAmqp = async (port: number): Promise<boolean> => {
  const answer = await exchange(port, 'AMQP\0\0\u0009\u0001', (text) => text.length > 0);
  return answer.startsWith('\u0001');
};

const managementAnswers = async (port: number, password: string): Promise<boolean> => {
  const authorization = `Basic ${Buffer.from(`${rabbitmqUser}:${password}`).toString('base64')}`;
  const url = `http://127.0.0.1:${port}/api/overview`;
  const answer = await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(5_000) });
  await answer.arrayBuffer();
  return answer.ok;
};

const isServing = async ({ port, password }: RabbitmqIdentity): Promise<boolean> =>
  (await speaksAmqp(port('amqp'))) && (await managementAnswers(port('management'), password));

/** Resolves when AMQP and the management API both answer; takes 3 to 10 s. */
export const startRabbitmq = async (options: RabbitmqOptions): Promise<RabbitmqBroker> => {
  const { dataDir, logFile = join(dataDir, 'rabbitmq.log'), member } = options;
  const own = await loadIdentity(dataDir, rabbitmqPorts);
  const identity = { ...own, password: member?.password ?? own.password };
  const [program, ...others] = await launch({ ...options, logFile, identity });
  for (const { pid } of [program, ...others]) options.onStart?.(pid);
  const each = async (act: (one: Program) => Promise<void>): Promise<void> => {
    await act(program);
    await Promise.all(others.map(act));
  };
  const kill = async (): Promise<void> => each(async (one) => one.kill());
  const stop = async (): Promise<void> => each(async (one) => one.stop(15_000));
  try {
    const isReady = async (): Promise<boolean> => isServing(identity);
    await waitUntilReady({
      name: 'RabbitMQ',
      program,
      logFile,
      timeoutMs: 90_000,
      isReady,
      signal: options.signal,
    });
  } catch (error) {
    await kill();
    throw error;
  }
  const login = `${rabbitmqUser}:${identity.password}`;
  return {
    url: `amqp://${login}@127.0.0.1:${identity.port('amqp')}`,
    managementUrl: `http://${login}@127.0.0.1:${identity.port('management')}`,
    pid: program.pid,
    exited: program.exited.then(async (reason) => {
      await kill();
      return reason;
    }),
    stop,
    kill,
  };
};

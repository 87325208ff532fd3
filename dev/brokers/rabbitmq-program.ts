/** A private RabbitMQ as a program of this machine: node name, cookie, port mapper and files all its own. */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './find-brokers.ts';
import type { Identity } from './identity.ts';
import { type Program, startProgram } from '../programs/program.ts';
import { rabbitmqCredentials, rabbitmqMembers, rabbitmqSettings } from './rabbitmq-config.ts';

export const rabbitmqPorts = ['amqp', 'management', 'distribution', 'epmd'] as const;
export type RabbitmqIdentity = Identity<(typeof rabbitmqPorts)[number]>;

/** What makes a node one of a cluster. */
export interface RabbitmqMember {
  /** `name@localhost`; no two of a machine's nodes under one port mapper have the same. */
  nodeName: string;
  /** All members, this one included. */
  nodeNames: readonly string[];
  /** The secret by which they know each other. */
  cookie: string;
  /** Of the user, which they share. */
  password: string;
  /** Of the port mapper they share; it has to run. */
  epmdPort: number;
}

export interface RabbitmqProgramOptions {
  command: string;
  dataDir: string;
  logFile: string;
  identity: RabbitmqIdentity;
  /** Added to the environment of the broker. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Without it the node is one alone, with a port mapper of its own. */
  member?: RabbitmqMember | undefined;
}

const systemPath = (): string => process.env['PATH'] ?? '';

/** Where a distribution does not put epmd on PATH it lies beside the Erlang runtime. */
const findEpmd = async (): Promise<string> => {
  const found = await findProgram('epmd', systemPath());
  if (found !== undefined) return found;
  const runtimeDir =
    'filename:join([code:root_dir(), "erts-" ++ erlang:system_info(version), "bin", "epmd"])';
  const program = ['-boot', 'no_dot_erlang', '-noshell', '-eval', `io:put_chars(${runtimeDir}), halt().`];
  const { stdout } = await promisify(execFile)('erl', program, { timeout: 10_000 });
  return stdout;
};

const epmdEnv = (port: number): Record<string, string> => ({
  PATH: systemPath(),
  LANG: 'C.UTF-8',
  ERL_EPMD_ADDRESS: '127.0.0.1',
  ERL_EPMD_PORT: String(port),
});

/**
 * Erlang's port mapper. Started by us in the foreground, because the one that Erlang starts by itself is a daemon that
 * outlives everything.
 */
export const startEpmd = async (port: number, logFile: string): Promise<Program> =>
  startProgram({ command: await findEpmd(), args: [], env: epmdEnv(port), logFile });

/** Names every file that a system-wide installation could bring in otherwise: its settings are not ours. */
export const rabbitmqEnv = ({
  dataDir,
  identity,
  member,
}: Pick<RabbitmqProgramOptions, 'dataDir' | 'identity' | 'member'>): Record<string, string> => ({
  ...epmdEnv(member?.epmdPort ?? identity.port('epmd')),
  HOME: dataDir,
  RABBITMQ_NODENAME: member?.nodeName ?? 'factorial@localhost',
  RABBITMQ_DIST_PORT: String(identity.port('distribution')),
  RABBITMQ_CONF_ENV_FILE: join(dataDir, 'rabbitmq-env.conf'),
  RABBITMQ_CONFIG_FILE: join(dataDir, 'rabbitmq.conf'),
  RABBITMQ_CONFIG_FILES: join(dataDir, 'conf.d'),
  RABBITMQ_ADVANCED_CONFIG_FILE: join(dataDir, 'advanced.config'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(dataDir, 'enabled_plugins'),
  RABBITMQ_GENERATED_CONFIG_DIR: join(dataDir, 'generated'),
  RABBITMQ_SCHEMA_DIR: join(dataDir, 'schema'),
  RABBITMQ_MNESIA_BASE: join(dataDir, 'mnesia'),
  RABBITMQ_LOG_BASE: join(dataDir, 'log'),
  RABBITMQ_PID_FILE: join(dataDir, 'rabbitmq.pid'),
  RABBITMQ_LOGS: '-',
  // Schedulers that spin while idle would take a small machine's cores from the workers.
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
    '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
});

const cookieFile = '.erlang.cookie';

/** Erlang takes it only when nobody else may read it. */
const writeCookie = async (dataDir: string, cookie: string): Promise<void> => {
  await rm(join(dataDir, cookieFile), { force: true });
  await writeFile(join(dataDir, cookieFile), cookie, { mode: 0o400 });
};

const writeFiles = async ({ dataDir, identity, member }: RabbitmqProgramOptions): Promise<void> => {
  const listeners = { amqpPort: identity.port('amqp'), managementPort: identity.port('management') };
  const settings =
    rabbitmqSettings({ host: '127.0.0.1', ...listeners }) +
    rabbitmqCredentials(identity.password) +
    rabbitmqMembers(member?.nodeNames ?? []);
  await mkdir(join(dataDir, 'conf.d'), { recursive: true });
  if (member) await writeCookie(dataDir, member.cookie);
  await writeFile(join(dataDir, 'rabbitmq.conf'), settings, { mode: 0o600 });
  await writeFile(join(dataDir, 'rabbitmq-env.conf'), '');
  await writeFile(join(dataDir, 'enabled_plugins'), '[rabbitmq_management].\n');
};

/** Does not wait until it is ready. @returns the programs, the broker first. */
export const startRabbitmqProgram = async (
  options: RabbitmqProgramOptions,
): Promise<[Program, ...Program[]]> => {
  await writeFiles(options);
  const { logFile, dataDir, command, identity, member } = options;
  const own = member ? [] : [await startEpmd(identity.port('epmd'), logFile)];
  try {
    const env = { ...rabbitmqEnv(options), ...options.env };
    return [await startProgram({ command, args: [], env, logFile, cwd: dataDir }), ...own];
  } catch (error) {
    for (const epmd of own) await epmd.kill();
    throw error;
  }
};

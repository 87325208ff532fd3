/** A private RabbitMQ as a program of this machine: node name, cookie, port mapper and files all its own. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './find-brokers.ts';
import type { Identity } from './identity.ts';
import { type Program, startProgram } from '../programs/program.ts';
import { rabbitmqCredentials, rabbitmqSettings } from './rabbitmq-config.ts';

export const rabbitmqPorts = ['amqp', 'management', 'distribution', 'epmd'] as const;
export type RabbitmqIdentity = Identity<(typeof rabbitmqPorts)[number]>;

export interface RabbitmqProgramOptions {
  command: string;
  dataDir: string;
  logFile: string;
  identity: RabbitmqIdentity;
  /** Added to the environment of the broker. */
  env?: Readonly<Record<string, string>> | undefined;
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

/** Names every file that a system-wide installation could bring in otherwise: its settings are not ours. */
export const rabbitmqEnv = ({
  dataDir,
  identity,
}: Pick<RabbitmqProgramOptions, 'dataDir' | 'identity'>): Record<string, string> => ({
  PATH: systemPath(),
  LANG: 'C.UTF-8',
  HOME: dataDir,
  ERL_EPMD_ADDRESS: '127.0.0.1',
  ERL_EPMD_PORT: String(identity.port('epmd')),
  RABBITMQ_NODENAME: 'factorial@localhost',
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

const writeFiles = async ({ dataDir, identity }: RabbitmqProgramOptions): Promise<void> => {
  const listeners = { amqpPort: identity.port('amqp'), managementPort: identity.port('management') };
  const settings =
    rabbitmqSettings({ host: '127.0.0.1', ...listeners }) + rabbitmqCredentials(identity.password);
  await mkdir(join(dataDir, 'conf.d'), { recursive: true });
  await writeFile(join(dataDir, 'rabbitmq.conf'), settings, { mode: 0o600 });
  await writeFile(join(dataDir, 'rabbitmq-env.conf'), '');
  await writeFile(join(dataDir, 'enabled_plugins'), '[rabbitmq_management].\n');
};

export interface RabbitmqProgram {
  broker: Program;
  /**
   * Erlang's port mapper. Started by us in the foreground, because the one that Erlang starts by itself is a daemon
   * that outlives everything.
   */
  epmd: Program;
}

/** Does not wait until it is ready. */
export const startRabbitmqProgram = async (options: RabbitmqProgramOptions): Promise<RabbitmqProgram> => {
  await writeFiles(options);
  const { logFile, dataDir } = options;
  const env = rabbitmqEnv(options);
  const epmd = await startProgram({ command: await findEpmd(), args: [], env, logFile });
  try {
    const broker = await startProgram({
      command: options.command,
      args: [],
      env: { ...env, ...options.env },
      logFile,
      cwd: dataDir,
    });
    return { broker, epmd };
  } catch (error) {
    await epmd.kill();
    throw error;
  }
};

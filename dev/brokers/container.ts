/** A container as a program: `docker run` in the foreground, its ports on loopback, its data in a volume of its own. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { type Program, type ProgramOptions, startProgram } from '../programs/program.ts';

export interface ContainerOptions {
  image: string;
  command?: readonly string[];
  /** Names the container and its volume: one pair a data directory. */
  dataDir: string;
  /** Where the volume stands in the container. */
  mount: string;
  /** Port on this machine → port in the container. */
  ports: Readonly<Record<number, number>>;
  env?: Readonly<Record<string, string>>;
  /** Files on this machine → read-only files in the container. */
  files?: Readonly<Record<string, string>>;
  logFile: string;
  input?: string;
}

export const containerName = (dataDir: string): string =>
  `factorial-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;

/** Values of `env` are handed over by name, so that no argument list shows them. */
const dockerRun = (options: ContainerOptions): ProgramOptions => {
  const { ports, env = {}, files = {}, dataDir, input, logFile } = options;
  const name = containerName(dataDir);
  const published = Object.entries(ports).map(([outer, inner]) => `--publish=127.0.0.1:${outer}:${inner}`);
  const mounted = Object.entries(files).map(([outer, inner]) => `--volume=${outer}:${inner}:ro`);
  const handedOver = Object.keys(env).map((variable) => `--env=${variable}`);
  const identity = ['--name', name, '--hostname', 'factorial', '--volume', `${name}:${options.mount}`];
  const flags = ['--rm', '--interactive', ...identity, ...published, ...mounted, ...handedOver];
  const args = ['run', ...flags, options.image, ...(options.command ?? [])];
  const { PATH, HOME, DOCKER_HOST } = process.env;
  return {
    command: 'docker',
    args,
    env: { PATH, HOME, DOCKER_HOST, ...env },
    logFile,
    ...(input === undefined ? {} : { input }),
  };
};

const removeContainer = async (name: string): Promise<void> => {
  await promisify(execFile)('docker', ['rm', '--force', name], { timeout: 20_000 }).catch(() => undefined);
};

/** A container of the same data directory that was left behind is removed first. */
export const startContainer = async (options: ContainerOptions): Promise<Program> => {
  const name = containerName(options.dataDir);
  await removeContainer(name);
  const client = await startProgram(dockerRun(options));
  const kill = async (): Promise<void> => {
    await removeContainer(name);
    await client.kill();
  };
  const stop = async (deadlineMs: number): Promise<void> => {
    await client.stop(deadlineMs);
    await removeContainer(name);
  };
  return { ...client, kill, stop };
};

/** Installs RabbitMQ and Redis with apt, without starting or touching the distribution's own daemons. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Debian's maintainer scripts ask it before they start a daemon; 101 means "not allowed". */
const policyFile = '/usr/sbin/policy-rc.d';

const isDebianLike = async (): Promise<boolean> => {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
};

const exists = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** @returns whether this is root on Debian or Ubuntu. */
export const canInstall = async (): Promise<boolean> =>
  process.getuid?.() === 0 && (await isDebianLike()) && (await exists('/usr/bin/apt-get'));

const aptGet = async (args: readonly string[]): Promise<void> => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Its talk goes to stderr: stdout is the caller's.
  const child = spawn('/usr/bin/apt-get', ['-qq', ...args], { env, stdio: ['ignore', 2, 2] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`apt-get ${args.join(' ')} failed with ${String(code)}`);
};

/** A policy that the machine already has is its owner's decision and stays. */
const withoutDaemons = async (install: () => Promise<void>): Promise<void> => {
  if (await exists(policyFile)) return install();
  await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await install();
  } finally {
    await rm(policyFile, { force: true });
  }
};

/** The packages enable their units for the next boot; there they would take memory and the well-known ports. */
const disableUnits = async (units: readonly string[]): Promise<void> => {
  if (!(await exists('/run/systemd/system'))) return;
  await promisify(execFile)('systemctl', ['disable', ...units]).catch(() => undefined);
};

/**
 * @param packages those that are missing; one that is there is left as it is.
 * @throws when apt fails.
 */
export const installBrokers = async (packages: readonly string[]): Promise<void> => {
  process.stderr.write(
    `installing ${packages.join(' and ')} with apt-get (their own daemons are not started)\n`,
  );
  await withoutDaemons(async () => {
    await aptGet(['update']);
    await aptGet(['install', '-y', '--no-install-recommends', '--no-upgrade', ...packages]);
  });
  await disableUnits(packages);
};

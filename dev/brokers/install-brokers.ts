/** Installs RabbitMQ and Redis with apt, without starting or touching the distribution's own daemons. */
import { execFile } from 'node:child_process';
import { access, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { aptInstall } from '../programs/apt.ts';

/** Debian's maintainer scripts ask it before they start a daemon; 101 means "not allowed". */
const policyFile = '/usr/sbin/policy-rc.d';

const exists = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

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
  await withoutDaemons(async () => aptInstall(packages));
  await disableUnits(packages);
};

/** Installs packages with apt, where that is ours to do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';

const isDebianLike = async (): Promise<boolean> => {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
};

const hasApt = async (): Promise<boolean> =>
  access('/usr/bin/apt-get').then(
    () => true,
    () => false,
  );

/** @returns whether this is root on Debian or Ubuntu. */
export const canInstall = async (): Promise<boolean> =>
  process.getuid?.() === 0 && (await isDebianLike()) && (await hasApt());

/** Of several that install at once (two test files, say) one waits for the other: apt itself would fail. */
const lockFile = '/run/lock/factorial-apt';

const aptGet = async (args: readonly string[]): Promise<void> => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Its talk goes to stderr: stdout is the caller's.
  const command = [lockFile, '/usr/bin/apt-get', '-qq', ...args];
  const child = spawn('/usr/bin/flock', command, { env, stdio: ['ignore', 2, 2] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`apt-get ${args.join(' ')} failed with ${String(code)}`);
};

/** What is there already is left as it is. @throws when apt fails. */
export const aptInstall = async (packages: readonly string[]): Promise<void> => {
  await aptGet(['update']);
  await aptGet(['install', '-y', '--no-install-recommends', '--no-upgrade', ...packages]);
};

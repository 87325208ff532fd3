/** Finds k6, or gets it: a program on this machine, one built by Go, or Docker's image. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../brokers/find-brokers.ts';

/** The one that is built or pulled; another one that is there already does as well. */
const version = '1.8.1';
/** The first that runs TypeScript as it is. */
const [leastMajor, leastMinor] = [0, 57];

export type K6 = { kind: 'program'; command: string } | { kind: 'docker'; image: string };

export interface FindK6Options {
  /** The value of PATH. */
  path: string;
  /** Where a built one is kept. */
  binDir: string;
  /** Prints a line for the person at the terminal. */
  say: (line: string) => void;
}

const missingSentence = `k6 is needed: install it (https://grafana.com/docs/k6/latest/set-up/install-k6), or Go, or start Docker.`;

const answerOf = async (command: string, args: readonly string[]): Promise<string> =>
  promisify(execFile)(command, args, { timeout: 20_000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );

/** @param told what `k6 version` prints. */
export const runsTypeScript = (told: string): boolean => {
  const found = /\bv(\d+)\.(\d+)\./.exec(told);
  if (!found) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > leastMajor || minor >= leastMinor;
};

/** @returns one that is there and fits. */
export const findInstalledK6 = async ({ path, binDir, say }: FindK6Options): Promise<string | undefined> => {
  for (const directories of [path, binDir]) {
    const command = await findProgram('k6', directories);
    if (command === undefined) continue;
    if (runsTypeScript(await answerOf(command, ['version']))) return command;
    say(`${command} is not used: k6 ${leastMajor}.${leastMinor} or later is needed`);
  }
  return undefined;
};

/** @throws when Go cannot build it. */
const build = async (go: string, { binDir, say }: FindK6Options): Promise<string> => {
  say(`building k6 ${version} with Go into ${binDir}: this takes some minutes, once`);
  const args = ['install', '-trimpath', '-ldflags', '-s -w', `go.k6.io/k6@v${version}`];
  const child = spawn(go, args, { env: { ...process.env, GOBIN: binDir }, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`Go could not build k6. ${missingSentence}`);
  return join(binDir, 'k6');
};

/** @throws with one sentence that says what to install. */
export const findK6 = async (options: FindK6Options): Promise<K6> => {
  const command = await findInstalledK6(options);
  if (command !== undefined) return { kind: 'program', command };
  const go = await findProgram('go', options.path);
  if (go !== undefined) return { kind: 'program', command: await build(go, options) };
  const docker = await answerOf('docker', ['version', '--format', '{{.Server.Version}}']);
  if (docker !== '') return { kind: 'docker', image: `grafana/k6:${version}` };
  throw new Error(missingSentence);
};

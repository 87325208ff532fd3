/** Finds Helm, or builds it into `.local/bin`: it is a Go module, so that Go is all it takes. */
import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../brokers/find-brokers.ts';

const binDir = join(import.meta.dirname, '../../.local/bin');
const helmModule = 'helm.sh/helm/v4/cmd/helm@v4.3.1';

const searchPath = (): string => [process.env['PATH'] ?? '', binDir].join(delimiter);

/** @throws when Go cannot build it, with what Go says. */
const buildHelm = async (): Promise<void> => {
  const go = await findProgram('go', searchPath());
  if (go === undefined)
    throw new Error('the chart needs Helm (https://helm.sh), or Go to build it: neither is on PATH');
  process.stdout.write('building Helm into .local/bin, once\n');
  const env = { ...process.env, GOBIN: binDir };
  await promisify(execFile)(go, ['install', '-trimpath', '-ldflags', '-s -w', helmModule], {
    env,
    timeout: 900_000,
  });
};

/** @returns the program. */
export const ensureHelm = async (): Promise<string> => {
  const found = await findProgram('helm', searchPath());
  if (found !== undefined) return found;
  await buildHelm();
  return join(binDir, 'helm');
};

/** @returns the older Helm, which many still have, where it is there as `helm3`. */
export const findHelm3 = async (): Promise<string | undefined> => findProgram('helm3', searchPath());

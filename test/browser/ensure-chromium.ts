/** Makes sure that there is a Chromium to test with: finds it, or installs Debian's where that is ours to do. */
import { findProgram } from '../../dev/brokers/find-brokers.ts';
import { aptInstall, canInstall } from '../../dev/programs/apt.ts';

const names = ['chromium', 'google-chrome', 'chromium-browser'];

/** A font beside it: without any, pages have no letters. */
const packages = ['chromium', 'fonts-liberation'];

const find = async (path: string): Promise<string | undefined> => {
  for (const name of names) {
    const program = await findProgram(name, path);
    if (program !== undefined) return program;
  }
  return undefined;
};

const install = async (): Promise<void> => {
  if (!(await canInstall())) return;
  process.stderr.write(`installing ${packages.join(' and ')} with apt-get\n`);
  await aptInstall(packages).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
};

/** @returns the program; undefined, and said why, where there is none and none can be installed. */
export const ensureChromium = async (env: NodeJS.ProcessEnv): Promise<string | undefined> => {
  const path = env['PATH'] ?? '';
  const found = await find(path);
  if (found !== undefined) return found;
  await install();
  const installed = await find(path);
  if (installed === undefined) {
    console.info(`skipped: this is tested in a browser, and there is none on PATH (${names.join(', ')})`);
  }
  return installed;
};

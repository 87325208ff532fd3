/** The console as it is sent to browsers, built from its sources by a process of its own: the test's environment would make it one for development. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const repositoryDir = resolve(import.meta.dirname, '../..');

/** @param outDir where to; the console's own `dist` by default. */
export const buildConsole = async (outDir = 'dist'): Promise<void> => {
  const vite = resolve(repositoryDir, 'node_modules/.bin/vite');
  const args = ['build', 'services/console', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'];
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(vite, args, { cwd: repositoryDir, env, timeout: 120_000 });
};

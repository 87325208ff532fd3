/** Pictures of the console: those of its guide where somebody asks for them (`SCREENSHOTS=1`), the rest into a folder that is thrown away some day. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

const docsDir = resolve(import.meta.dirname, '../../docs/images');

const inGuide = new Set(['console-jobs', 'console-job', 'console-queue-at-night', 'console-job-phone']);

export type TakePicture = (page: Page, name: string) => Promise<void>;

export const createPictures = async (env: NodeJS.ProcessEnv): Promise<TakePicture> => {
  const isForGuide = env['SCREENSHOTS'] === '1';
  const dir = await mkdtemp(join(tmpdir(), 'factorial-pictures-'));
  console.info(`pictures of the console: ${dir}${isForGuide ? ` and ${docsDir}` : ''}`);
  return async (page, name) => {
    const folder = isForGuide && inGuide.has(name) ? docsDir : dir;
    await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  };
};

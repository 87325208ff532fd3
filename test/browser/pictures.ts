/** Pictures of the console: for its guide where somebody asks (`SCREENSHOTS=1`), else for a look into a folder that is thrown away some day. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

const docsDir = resolve(import.meta.dirname, '../../docs/images');

export type TakePicture = (page: Page, name: string) => Promise<void>;

export const createPictures = async (env: NodeJS.ProcessEnv): Promise<TakePicture> => {
  const isForDocs = env['SCREENSHOTS'] === '1';
  const dir = isForDocs ? docsDir : await mkdtemp(join(tmpdir(), 'factorial-pictures-'));
  console.info(`pictures of the console: ${dir}`);
  return async (page, name) => {
    await page.screenshot({ path: join(dir, `${name}.png`), animations: 'disabled' });
  };
};

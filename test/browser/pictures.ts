/** Pictures of the console: those of its guide where somebody asks for them (`SCREENSHOTS=1`), the rest into a folder that is thrown away some day. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

const docsDir = resolve(import.meta.dirname, '../../docs/images');

/** Of these the upper part alone, so that the repository stays small. */
const inGuide = new Set(['console-jobs', 'console-job', 'console-queue-at-night', 'console-jobs-phone-dark']);
const guideHeight = 560;

export type TakePicture = (page: Page, name: string) => Promise<void>;

export const createPictures = async (env: NodeJS.ProcessEnv): Promise<TakePicture> => {
  const isForGuide = env['SCREENSHOTS'] === '1';
  const dir = await mkdtemp(join(tmpdir(), 'factorial-pictures-'));
  console.info(`pictures of the console: ${dir}${isForGuide ? ` and ${docsDir}` : ''}`);
  return async (page, name) => {
    await page.screenshot({ path: join(dir, `${name}.png`), animations: 'disabled' });
    if (!isForGuide || !inGuide.has(name)) return;
    const width = page.viewportSize()?.width ?? 0;
    const clip = { x: 0, y: 0, width, height: guideHeight };
    await page.screenshot({ path: join(docsDir, `${name}.png`), animations: 'disabled', clip });
  };
};

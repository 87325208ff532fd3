/** Pictures of the console: those of its guide where somebody asks for them (`SCREENSHOTS=1`), the rest into a folder that is thrown away some day. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';

const docsDir = resolve(import.meta.dirname, '../../docs/images');

/** The upper part of each, so many px of it: the repository shall stay small. */
const inGuide = new Map([
  ['console-jobs', 500],
  ['console-job', 560],
  ['console-queue-at-night', 720],
  ['console-jobs-phone-dark', 560],
]);

export type TakePicture = (page: Page, name: string) => Promise<void>;

export const createPictures = async (env: NodeJS.ProcessEnv): Promise<TakePicture> => {
  const isForGuide = env['SCREENSHOTS'] === '1';
  const dir = await mkdtemp(join(tmpdir(), 'factorial-pictures-'));
  console.info(`pictures of the console: ${dir}${isForGuide ? ` and ${docsDir}` : ''}`);
  return async (page, name) => {
    await page.screenshot({ path: join(dir, `${name}.png`), animations: 'disabled' });
    const height = inGuide.get(name);
    if (!isForGuide || height === undefined) return;
    const clip = { x: 0, y: 0, width: page.viewportSize()?.width ?? 0, height };
    await page.screenshot({ path: join(docsDir, `${name}.png`), animations: 'disabled', clip });
  };
};

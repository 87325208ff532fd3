/** Looks at the start whether there is a console to serve. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@factorial/core/ops/logger';

/** @returns the folder, or undefined, and says so, where no console has been built in it. */
export const findConsole = (dir: string, logger: Logger): string | undefined => {
  if (existsSync(join(dir, 'index.html'))) return dir;
  logger.warn({ consoleDir: dir }, 'no console found, a plain page in its place');
  return undefined;
};

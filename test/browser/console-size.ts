/** What the console takes on its way to a browser. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';

const distDir = resolve(import.meta.dirname, '../../services/console/dist');

const isServed = (name: string): boolean => !/\.(?:br|gz)$/.test(name);

/** @returns bytes, compressed as most clients take it. */
export const consoleBytes = async (): Promise<number> => {
  const entries = await readdir(distDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && isServed(entry.name));
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => gzipSync(await readFile(join(parentPath, name))).byteLength),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
};

/** Keys and tokens in files that only their owner can read. */
import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';

/** Written aside and moved into place: a reader sees the old text or the new one. */
export const writeSecret = async (file: string, text: string): Promise<void> => {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
};

/** @returns the file's text; a new random key of 32 bytes, in base64url, where there is none yet. */
export const readOrMakeKey = async (file: string): Promise<string> => {
  const saved = await readFile(file, 'utf8').catch(() => '');
  if (saved.length >= 32) return saved;
  const key = randomBytes(32).toString('base64url');
  await writeSecret(file, key);
  return key;
};

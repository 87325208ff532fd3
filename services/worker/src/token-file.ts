/** The worker's token, which somebody else writes to a file and renews there. */
import { readFile } from 'node:fs/promises';

export interface TokenFile {
  /** @throws when the file cannot be read. */
  read: () => Promise<string>;
  /** The token was refused: the next read looks into the file at once. */
  distrust: () => void;
}

/** A renewed token is taken up after at most this time. */
const keepMs = 5_000;

/** @param nowMs milliseconds, monotonic. */
export const createTokenFile = (path: string, nowMs: () => number): TokenFile => {
  let token = '';
  let readAtMs = -Infinity;
  return {
    read: async () => {
      if (nowMs() - readAtMs < keepMs) return token;
      token = (await readFile(path, 'utf8')).trim();
      readAtMs = nowMs();
      return token;
    },
    distrust: () => {
      readAtMs = -Infinity;
    },
  };
};

/** The right result of every number that users submit, as a digest: worked out once and shared by all users. */
import { sha256 } from 'k6/crypto';
import { SharedArray } from 'k6/data';
import { eachFactorial, spread } from './factorials.ts';
import type { Settings } from './settings.ts';

export interface KnownResult {
  n: number;
  /** Length of the decimal text. */
  digits: number;
  sha256: string;
}

/** So that large ones do not take minutes to work out; submissions are no duplicates of each other for it. */
const mostNumbers = 50;

/** Only at the start of a script: users cannot make a SharedArray. */
export const createKnownResults = ({ nMin, nMax }: Settings): readonly KnownResult[] =>
  new SharedArray('known results', () => {
    const results: KnownResult[] = [];
    eachFactorial(spread(nMin, nMax, mostNumbers), (n, digits) => {
      results.push({ n, digits: digits.length, sha256: sha256(digits, 'hex') });
    });
    return results;
  });

/** @throws when there are none. */
export const pickOne = (known: readonly KnownResult[]): KnownResult => {
  const picked = known[Math.floor(Math.random() * known.length)];
  if (picked === undefined) throw new Error('there are no known results');
  return picked;
};

export const isRight = (known: KnownResult, output: unknown): boolean =>
  typeof output === 'string' && output.length === known.digits && sha256(output, 'hex') === known.sha256;

/** The results that the chaos task owes: told by the task, and by who checks it. */
import { createHash } from 'node:crypto';

/** SHA-256 of the text, of that, and so on; in hexadecimal. */
export const digestOf = (text: string, rounds: number): string => {
  let digest = text;
  for (let round = 0; round < rounds; round += 1) digest = createHash('sha256').update(digest).digest('hex');
  return digest;
};

/** n! as a decimal. */
export const factorialOf = (n: number): string => {
  let product = 1n;
  for (let factor = 2n; factor <= BigInt(n); factor += 1n) product *= factor;
  return product.toString();
};

/** Digests one after the other, so many bytes of them: a text that does not compress to nothing. */
export const paddedTo = (text: string, bytes: number): string => {
  const parts: string[] = [];
  for (let index = 0; index * 64 < bytes; index += 1) parts.push(digestOf(`${text}:${index}`, 1));
  return parts.join('').slice(0, bytes);
};

/** The leadership of a scaler that has no other beside it. */
import type { Leadership } from './leadership.ts';

export const createAlwaysLeading = (): Leadership => {
  const { signal } = new AbortController();
  return { term: () => signal };
};

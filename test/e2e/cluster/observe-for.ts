/** Looks at something again and again for a fixed time: for what has to stay as it is. */
import { sleep } from '@factorial/core/lifecycle/sleep';

const everyMs = 500;

export const observeFor = async (ms: number, look: () => Promise<void> | void): Promise<void> => {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    await look();
    await sleep(everyMs);
  }
};

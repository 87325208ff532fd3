import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { FixedOrder } from './fixed-order.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The suite on a real cluster. One installation serves all files, so they run one after the other. */
export default defineConfig({
  root,
  resolve: {
    alias: [{ find: /^@factorial\/core\/(.+)$/, replacement: `${root}packages/core/src/$1.ts` }],
  },
  test: {
    include: ['test/e2e/**/*.e2e.ts', 'services/**/*.cluster.test.ts'],
    globalSetup: ['test/e2e/global-setup.ts'],
    reporters: ['default', './dev/count-reporter.ts'],
    fileParallelism: false,
    sequence: { sequencer: FixedOrder },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    retry: 0,
  },
});

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const coreSources = fileURLToPath(new URL('packages/core/src', import.meta.url));

export default defineConfig({
  // The export condition `@factorial/source` is not asked for in the global setup; this holds everywhere.
  resolve: { alias: [{ find: /^@factorial\/core\/(.+)$/, replacement: `${coreSources}/$1.ts` }] },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'services/*/src/**/*.test.ts',
      'dev/**/*.test.ts',
      'bench/**/*.test.ts',
      'loadtest/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    // These run with `make e2e`.
    exclude: ['**/node_modules/**', '**/*.cluster.test.ts'],
    globalSetup: ['packages/core/src/testing/global-setup.ts'],
    reporters: ['default', './dev/count-reporter.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    retry: 0,
    // Vitest would leave one of two cores to itself, and the longest files wait rather than compute.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    coverage: { provider: 'v8', reporter: ['text', 'json-summary'], reportsDirectory: 'coverage' },
  },
});

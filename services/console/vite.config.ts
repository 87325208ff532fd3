/** Builds the console into `dist`: a page and its assets, which the api serves at `/` and `/console/assets/`. */
import { defineConfig, defaultClientConditions } from 'vite';

/** For `npm run dev` here: where the api that it speaks to answers. */
const apiUrl = process.env['API_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  resolve: { conditions: ['@factorial/source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    // Everything is one small file of each kind: nothing to load beforehand, and no inline script, which the page's policy forbids.
    modulePreload: { polyfill: false },
    // What is inlined as a data: URL is not cached on its own.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': { target: apiUrl, ws: true } } },
});

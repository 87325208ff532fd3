import { expect, it } from 'vitest';
import { runsTypeScript } from './find-k6.ts';

it.each([
  ['k6 v0.56.0 (go1.23.4, linux/amd64)', false],
  ['k6 v0.57.0 (go1.23.6, linux/amd64)', true],
  ['k6 v1.8.1 (go1.26.8, linux/amd64)', true],
  ['', false],
])('reads from %j whether it runs TypeScript', (told, runs) => {
  expect(runsTypeScript(told)).toBe(runs);
});

/** docs/client.md names every method, command, exit code and finding that there is. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes, exitCodesHelp } from '../../packages/client/src/cli/exit-codes.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/client.md'), 'utf8');
const sources = join(root, 'packages/client/src');

const namesIn = (pattern: string, name: RegExp): string[] =>
  globSync(pattern, { cwd: sources, exclude: (path) => path.endsWith('.test.ts') }).flatMap((file) =>
    [...readFileSync(join(sources, file), 'utf8').matchAll(name)].map((match) => match[1] ?? ''),
  );

/** Those that stand in no piece of code of the page. */
const missing = (names: readonly string[]): string[] => {
  const code = [...page.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '').join('\n');
  return [...new Set(names)].filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(code));
};

test('every method', () => {
  const methods = namesIn('client.ts', /^ {2,4}(\w+): \(/gm);
  expect(methods.length).toBeGreaterThan(16);
  expect(missing(methods)).toEqual([]);
});

test('every command', () => {
  const commands = namesIn('cli/commands/*.ts', /(?:\.command\(|^ {4}name: )'([\w-]+)'/gm);
  expect(commands.length).toBeGreaterThan(12);
  expect(missing(commands)).toEqual([]);
});

test('every exit code', () => {
  for (const code of Object.values(exitCodes)) {
    expect(page).toContain(`\n| ${code} |`);
    expect(exitCodesHelp).toMatch(new RegExp(`^ {2}${code} +\\S`, 'm'));
  }
});

test('every finding of the doctor', () => {
  const own = namesIn('cli/doctor/*.ts', /(?:fault|warning)\('\w+', '([\w-]+)'/g);
  const refusals = namesIn('cli/doctor/judge-broker.ts', /^ {2}'([\w-]+)':/gm);
  expect(own.length).toBeGreaterThan(16);
  expect(missing([...own, ...refusals])).toEqual([]);
});

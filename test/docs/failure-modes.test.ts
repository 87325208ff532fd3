/** docs/failure-modes.md names a test for each failure: each of them has to exist, by file (with its folder where there are two) and title. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** Tests of `make test`, and those on a cluster. */
const testFileName = /(?:[\w-]+\/)*[\w.-]+\.(?:test|e2e)\.ts/;
const isTestFile = (file: string): boolean => new RegExp(`${testFileName.source}$`).test(file);

const testFiles = ['packages', 'services', 'dev', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => isTestFile(file) && !file.includes('node_modules'))
    .map((file) => join(root, folder, file)),
);

const textOf = (name: string): string =>
  testFiles
    .filter((file) => file.endsWith(`/${name}`))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

/** `file.test.ts` or `file.e2e.ts`, then "title", "title", …: every title belongs to the file named last. */
const references = (page: string): [string, string][] => {
  const found: [string, string][] = [];
  let file = '';
  const fileOrTitle = new RegExp(`\`(${testFileName.source})\`|"([^"]+)"`, 'g');
  for (const [, name, title] of page.matchAll(fileOrTitle)) {
    if (name !== undefined) file = name;
    else if (title !== undefined && file !== '') found.push([file, title]);
  }
  return found;
};

const page = readFileSync(join(root, 'docs/failure-modes.md'), 'utf8').split('## RabbitMQ')[0] ?? '';

test.each(references(page))('%s has a test "%s"', (file, title) => {
  expect(textOf(file)).toContain(title);
});

test('every row of a table names a test', () => {
  const namesTest = new RegExp(`\`${testFileName.source}\` "`);
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/shown by|\|---/.test(line));
  expect(rows.filter((row) => !namesTest.test(row) && !row.endsWith('| same |'))).toEqual([]);
  expect(rows.length).toBeGreaterThan(20);
});

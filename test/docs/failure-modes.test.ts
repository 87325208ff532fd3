/** docs/failure-modes.md names a test for each failure: each of them has to exist, by file and title. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

const testFiles = ['packages', 'services', 'dev', 'test'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .map((file) => join(root, folder, file)),
);

const textOf = (name: string): string =>
  testFiles
    .filter((file) => basename(file) === name)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');

/** `file.test.ts` "title", "title", …: every title belongs to the file named last. */
const references = (page: string): [string, string][] => {
  const found: [string, string][] = [];
  let file = '';
  for (const [, name, title] of page.matchAll(/`([\w.-]+\.test\.ts)`|"([^"]+)"/g)) {
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
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/shown by|\|---/.test(line));
  expect(rows.filter((row) => !row.includes('.test.ts`') && !row.endsWith('| same |'))).toEqual([]);
  expect(rows.length).toBeGreaterThan(20);
});

import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'factorial-reporter-'));
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
});

afterEach(async () => rm(dir, { recursive: true }));

/** @returns the last line that a run of vitest over this one file prints. */
const lastLineOf = async (tests: string): Promise<string | undefined> => {
  await writeFile(join(dir, 'a.test.ts'), `import { expect, it } from 'vitest';\n${tests}`);
  const reporter = `--reporter=${join(root, 'dev/count-reporter.ts')}`;
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=default', reporter];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: dir }, (_error, stdout) => resolve(stdout));
  });
  return output.trimEnd().split('\n').at(-1);
};

it('counts what passed, failed and was skipped', async () => {
  const tests =
    "it('a', () => {}); it('b', () => {}); it('c', () => expect(1).toBe(2)); it.skip('d', () => {});";
  expect(await lastLineOf(tests)).toBe('2 passed, 1 failed, 1 skipped');
});

it('does not mention skipped tests when there are none', async () => {
  expect(await lastLineOf("it('a', () => {});")).toBe('1 passed, 0 failed');
});

it('counts a file as failed when it cannot be loaded', async () => {
  expect(await lastLineOf("throw new Error('broken');")).toBe('0 passed, 1 failed');
});

it('counts an error outside of the tests as a failure', async () => {
  const tests =
    "it('a', () => { setTimeout(() => { throw new Error('late'); }); }); it('b', async () => { await new Promise((r) => setTimeout(r, 50)); });";
  expect(await lastLineOf(tests)).toBe('2 passed, 1 failed');
});

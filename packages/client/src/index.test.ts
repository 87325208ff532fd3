import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const entry = resolve(import.meta.dirname, 'index.ts');
const repositoryDir = resolve(import.meta.dirname, '../../..');

/** All files that the entry brings along, and all else that they import. */
const importsOf = (file: string, seen: Set<string>, others: Set<string>): void => {
  if (seen.has(file)) return;
  seen.add(file);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
    if (name.startsWith('.')) importsOf(join(dirname(file), name), seen, others);
    else others.add(name);
  }
};

it('imports nothing but files of its own: no module of Node, no dependency', () => {
  const seen = new Set<string>();
  const others = new Set<string>();
  importsOf(entry, seen, others);
  expect(seen.size).toBeGreaterThan(15);
  expect([...others]).toEqual([]);
});

it('uses nothing that a browser or Node 20 does not have', () => {
  const dir = mkdtempSync(join(tmpdir(), 'factorial-client-types-'));
  const compilerOptions = { noEmit: true, types: [], target: 'es2023', lib: ['es2023', 'dom'] };
  const config = { extends: join(repositoryDir, 'tsconfig.base.json'), compilerOptions, files: [entry] };
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config));
  const compiler = join(repositoryDir, 'node_modules/.bin/tsc');
  const { stdout, status } = spawnSync(compiler, ['-p', dir], { encoding: 'utf8' });
  rmSync(dir, { recursive: true });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

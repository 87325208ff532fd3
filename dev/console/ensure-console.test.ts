import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packFolder } from './build-console.ts';
import { ensureConsole } from './ensure-console.ts';

let repositoryDir: string;
let builds: number;
let said: string[];

beforeEach(async () => {
  repositoryDir = await mkdtemp(join(tmpdir(), 'console-'));
  builds = 0;
  said = [];
});
afterEach(async () => rm(repositoryDir, { recursive: true }));

/** @param at seconds since the epoch. */
const write = async (path: string, at: number, text = 'x'): Promise<void> => {
  const file = join(repositoryDir, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await utimes(file, at, at);
  for (let folder = dirname(file); folder.startsWith(repositoryDir); folder = dirname(folder))
    await utimes(folder, 100, 100);
};
const ensure = async (): Promise<void> =>
  ensureConsole({
    repositoryDir,
    say: (line) => said.push(line),
    build: async () => {
      builds += 1;
      await Promise.resolve();
    },
  });

describe('the console', () => {
  beforeEach(async () => {
    await write('services/console/src/app/main.tsx', 100);
    await write('packages/core/src/jobs/job-status.ts', 100);
    await write('package-lock.json', 100);
  });

  it('is built where it has not been', async () => {
    await ensure();
    expect([builds, said]).toEqual([1, ['building the console']]);
  });

  it('is not built again while nothing is newer than what was built, tests and what was installed apart', async () => {
    await write('services/console/dist/index.html', 200);
    await write('services/console/dist-half/index.html', 300);
    await write('services/console/node_modules/x/index.js', 300);
    await write('services/console/src/app/a.test.tsx', 300);
    await ensure();
    expect([builds, said]).toEqual([0, []]);
  });

  it.each(['services/console/src/app/new.ts', 'packages/core/src/time/clock.ts', 'package-lock.json'])(
    'is built again when %s is newer',
    async (path) => {
      await write('services/console/dist/index.html', 200);
      await write(path, 300);
      await ensure();
      expect(builds).toBe(1);
    },
  );

  it('is built again when a source was deleted', async () => {
    await write('services/console/dist/index.html', 200);
    await utimes(join(repositoryDir, 'services/console/src/app'), 300, 300);
    await ensure();
    expect(builds).toBe(1);
  });
});

it('has its texts beside it in forms that are smaller, and only those', async () => {
  const text = 'const answer = 42;\n'.repeat(500);
  await write('assets/large.js', 1, text);
  await write('assets/small.css', 1, 'a{}');
  await write('assets/picture.png', 1, text);
  await packFolder(repositoryDir);
  const assets = join(repositoryDir, 'assets');
  expect((await readdir(assets)).sort()).toEqual(
    ['large.js', 'large.js.br', 'large.js.gz', 'picture.png', 'small.css'].sort(),
  );
  expect(brotliDecompressSync(await readFile(join(assets, 'large.js.br'))).toString()).toBe(text);
  expect(gunzipSync(await readFile(join(assets, 'large.js.gz'))).toString()).toBe(text);
});

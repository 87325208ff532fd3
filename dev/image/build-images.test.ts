import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildImages } from './build-images.ts';

describe('the images', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'images-'));
  });
  afterEach(async () => rm(folder, { recursive: true }));

  const build = async (builder: string) =>
    buildImages({ repositoryDir: '/a folder', tag: 't1', version: '1.2.3', kindCluster: 'none', builder });

  it('are built one a service by the command that is named', async () => {
    const log = join(folder, 'log');
    const images = await build(`printf '%s|' >>${log}`);
    expect(images).toEqual(['api', 'worker', 'scaler', 'janitor'].map((name) => `factorial-${name}:t1`));
    const calls = ['api', 'worker', 'scaler', 'janitor'].map(
      (name) => `factorial-${name}:t1|/a folder|--build-arg|SERVICE=${name}|--build-arg|VERSION=1.2.3|`,
    );
    expect(await readFile(log, 'utf8')).toBe(calls.join(''));
  });

  it('are not said to be built when the command fails', async () => {
    await expect(build('false')).rejects.toThrow('factorial-api:t1');
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTasks } from './load-tasks.ts';

const valid = { name: 'echo', version: '1', input: { type: 'object' }, run: { command: ['cat'] } };

describe('loadTasks', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tasks-'));
  });
  afterEach(async () => rm(root, { recursive: true, force: true }));

  const folder = async (name: string, content: unknown): Promise<string> => {
    const path = join(root, name);
    await mkdir(path);
    await writeFile(join(path, 'task.json'), typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const load = async (folders: string[], env: Record<string, string> = {}) =>
    loadTasks({ folders, pool: 'factorial', env });

  it('fills in the pool and the limits when the file leaves them out', async () => {
    const tasks = await load([await folder('echo', valid)]);
    expect(tasks.get('echo')).toMatchObject({
      definition: { pool: 'factorial', limits: { runTimeoutSeconds: 300, maxAttempts: 3 } },
      run: { command: ['cat'] },
      setupTimeoutMs: 60_000,
    });
    expect(tasks.get('echo')?.definition).not.toHaveProperty('run');
  });

  it('loads the built-in task with its default ceiling', async () => {
    const tasks = await load([join(import.meta.dirname, 'factorial')]);
    expect(tasks.get('factorial')?.definition).toMatchObject({
      plainInput: 'n',
      input: { properties: { n: { minimum: 0, maximum: 1_000_000 } } },
    });
  });

  it('takes a value from the environment when the file names a variable', async () => {
    const tasks = await load([join(import.meta.dirname, 'factorial')], { FACTORIAL_MAX_N: '500' });
    expect(tasks.get('factorial')?.definition.input).toMatchObject({ properties: { n: { maximum: 500 } } });
  });

  it('names the variable when its value is not of the kind of its default', async () => {
    const loading = load([join(import.meta.dirname, 'factorial')], { FACTORIAL_MAX_N: 'many' });
    await expect(loading).rejects.toThrow(/task\.json is wrong:\n {2}FACTORIAL_MAX_N has to be a number/);
  });

  it('names the file and every broken rule when a file is wrong', async () => {
    const path = await folder('bad', { ...valid, name: 'Not A Name', run: {} });
    await expect(load([path])).rejects.toThrow(
      /bad\/task\.json is wrong:\n {2}name: .*\n {2}run: has to be/s,
    );
  });

  it('names a key that it does not know', async () => {
    const loading = load([await folder('misspelt', { ...valid, limit: {}, limits: { memory: 4 } })]);
    await expect(loading).rejects.toThrow(/misspelt\/task\.json is wrong:\n.*"memory".*\n.*"limit"/);
  });

  it('names the file when it is not JSON, and when it is missing', async () => {
    await expect(load([await folder('broken', '{')])).rejects.toThrow(/broken\/task\.json is wrong/);
    await mkdir(join(root, 'empty'));
    await expect(load([join(root, 'empty')])).rejects.toThrow(/empty\/task\.json is wrong:\n {2}ENOENT/);
  });

  it('says so when there is no such folder', async () => {
    await expect(load([join(root, 'nowhere')])).rejects.toThrow(/nowhere: there is no such task folder$/);
  });

  it('refuses a task of another pool', async () => {
    const path = await folder('other', { ...valid, pool: 'gpu' });
    await expect(load([path])).rejects.toThrow('pool: is gpu, but this worker serves factorial (POOL)');
  });

  it('refuses two tasks of one name', async () => {
    const folders = [await folder('one', valid), await folder('two', valid)];
    await expect(load(folders)).rejects.toThrow(/two\/task\.json is wrong:\n {2}name: echo is taken/);
  });
});

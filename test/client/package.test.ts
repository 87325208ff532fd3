/**
 * The package as others get it: packed, installed into a fresh project without a network, and used from there, by the
 * oldest Node at hand. What docs/client.md shows as the first job, three ways, is typed and run as it stands there.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { waitUntil } from '@factorial/core/testing/wait-until';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../dev/brokers/free-port.ts';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { codeBlocks, readPage, repositoryDir } from './code-blocks.ts';

const run = promisify(execFile);

/** The machine's own, not the one that npm put beside the project's programs. */
const ownPath = (process.env['PATH'] ?? '')
  .split(':')
  .filter((folder) => !folder.includes('node_modules'))
  .join(':');

let system: System;
let dir: string;
let env: NodeJS.ProcessEnv;

const npm = async (args: readonly string[], cwd: string): Promise<string> =>
  (
    await run('npm', [...args, '--no-audit', '--no-fund', '--no-update-notifier'], {
      cwd,
      env: { ...process.env, PATH: ownPath },
    })
  ).stdout;

const pack = async (folder: string, ignoreScripts: boolean): Promise<string> => {
  const scripts = ignoreScripts ? ['--ignore-scripts'] : [];
  const stdout = await npm(['pack', '--json', '--pack-destination', dir, ...scripts], folder);
  const [packed]: { filename: string }[] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  return join(dir, packed?.filename ?? '');
};

beforeAll(async () => {
  system = await startSystem({ workers: 1 });
  dir = await mkdtemp(join(tmpdir(), 'factorial-package-'));
  const client = join(repositoryDir, 'packages/client');
  const packed = await pack(client, false);
  const [commander = ''] = globSync('{packages/client/,}node_modules/commander', { cwd: repositoryDir });
  const dependency = await pack(join(repositoryDir, commander), true);
  await writeFile(
    join(dir, 'package.json'),
    JSON.stringify({ name: 'fresh', private: true, type: 'module' }),
  );
  await npm(['install', '--offline', '--ignore-scripts', packed, dependency], dir);
  const bin = join(dir, 'node_modules/.bin');
  env = { ...process.env, PATH: `${bin}:${ownPath}`, API_URL: system.apiUrl, TOKEN: system.token };
}, 120_000);
afterAll(async () => {
  await system.stop();
  await rm(dir, { recursive: true });
});

const inShell = async (script: string): Promise<{ stdout: string; stderr: string }> =>
  run('bash', ['-euo', 'pipefail', '-c', script], { cwd: dir, env, maxBuffer: 10_000_000 });

const firstJob = async (language: string): Promise<string> => {
  const [code, ...more] = codeBlocks(await readPage('docs/client.md'), {
    heading: 'The first job, three ways',
    language,
  });
  if (code === undefined || more.length > 0) throw new Error(`there has to be one block of ${language}`);
  return code;
};

/** What the compiler says of a file, with nothing but the package and Node's types to go by. */
const typeErrors = async (file: string): Promise<string> => {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    types: ['node'],
    noEmit: true,
  };
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  const compiler = spawnSync(join(repositoryDir, 'node_modules/.bin/tsc'), ['-p', dir], { encoding: 'utf8' });
  return compiler.stdout;
};

describe('the first job of docs/client.md', () => {
  test(
    'is done by the program of ten lines, typed by the package and run by the Node at hand',
    { timeout: 90_000 },
    async () => {
      const program = await firstJob('ts');
      expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
      await writeFile(join(dir, 'first-job.ts'), program);
      await symlink(join(repositoryDir, 'node_modules/@types'), join(dir, 'node_modules/@types'));
      expect(await typeErrors('first-job.ts')).toBe('');
      // The types are there: what is wrong is seen.
      await writeFile(join(dir, 'wrong.ts'), `${program}\nexport const wrong: number = job.status;\n`);
      expect(await typeErrors('wrong.ts')).toContain("not assignable to type 'number'");
      await writeFile(join(dir, 'first-job.js'), stripTypeScriptTypes(program));
      const { stdout, stderr } = await inShell('node --version; node first-job.js');
      console.info(stdout + stderr);
      expect(stdout).toMatch(/^v\d+[\d.]+\n711273 '?\d{20}'?\n$/);
    },
  );

  test('is done by curl', async () => {
    expect((await inShell(await firstJob('bash'))).stdout.trim()).toBe('711273');
  });

  test('is done by the command line', async () => {
    expect((await inShell(await firstJob('shell'))).stdout.trim()).toBe('711273');
  });
});

test("docs/client.md's receiver of webhooks takes what is signed, and nothing else", async () => {
  const [code = ''] = codeBlocks(await readPage('docs/client.md'), { heading: 'Webhooks', language: 'js' });
  const port = await freePort(Math.random);
  await writeFile(join(dir, 'receiver.js'), code.replace('8099', String(port)));
  const key = 'a key of thirty-two bytes length';
  const secret = `whsec_${Buffer.from(key).toString('base64')}`;
  const receiver = spawn('node', ['receiver.js'], { cwd: dir, env: { ...env, WEBHOOK_SECRET: secret } });
  const body = JSON.stringify({ type: 'job.done', data: { id: 'j1', status: 'done' } });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const post = async (signedBody: string): Promise<number> => {
    const signature = createHmac('sha256', key).update(`msg_1.${timestamp}.${signedBody}`).digest('base64');
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    };
    return (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body })).status;
  };
  try {
    expect(await waitUntil(async () => post(body), { what: 'it listens' })).toBe(204);
    expect(await post('another body')).toBe(400);
  } finally {
    receiver.kill();
  }
});

describe('the package', () => {
  test('holds what runs, its types and how to use it, and nothing else', async () => {
    const files = globSync('**/*', { cwd: join(dir, 'node_modules/@factorial/client') }).filter((file) =>
      /\.\w+$|LICENSE/.test(file),
    );
    expect(files).toContain('dist/index.js');
    expect(files).toContain('dist/index.d.ts');
    expect(files).toContain('dist/cli/main.js');
    expect(
      files.filter((file) => !/^(dist\/.*\.(js|d\.ts)|README\.md|LICENSE|package\.json)$/.test(file)),
    ).toEqual([]);
    expect(files.filter((file) => /test/.test(dirname(file)))).toEqual([]);
  });

  test('says its version, and holds against a reader that leaves', async () => {
    const { version }: { version: string } = JSON.parse(
      await readFile(join(repositoryDir, 'packages/client/package.json'), 'utf8'),
    );
    expect((await inShell('factorial --version')).stdout).toBe(`${version}\n`);
    const left = await inShell(
      `id=$(factorial submit factorial n=150000); factorial wait $id >&2; factorial result $id | head -c 5; echo " \${PIPESTATUS[0]}"`,
    );
    expect(left.stdout).toMatch(/^\d{5} 0\n$/);
  });
});

describe('completion', () => {
  const complete = async (...words: string[]): Promise<string[]> => {
    const script = `eval "$(factorial completion bash)"; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _factorial; echo "\${COMPREPLY[@]}"`;
    return (await inShell(script)).stdout.trim().split(' ');
  };

  test('knows commands, their options and the global ones in bash', async () => {
    expect(await complete('factorial', 'do')).toEqual(['doctor']);
    expect(await complete('factorial', 'dead-letters', 'r')).toEqual(['redrive']);
    expect(await complete('factorial', '--json', 'dead-letters', 'redrive', '--a')).toEqual([
      '--all',
      '--api-url',
    ]);
    expect(await complete('factorial', 'completion', '')).toContain('zsh');
  });

  test('is made for zsh', async () => {
    expect((await inShell('factorial completion zsh')).stdout).toMatch(/^autoload -U \+X bashcompinit/);
  });
});

import { lstat, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';
import { json, problem, silence, stream, event } from '../testing/stand-in-api.ts';
import { runFactorial } from '../testing/run-factorial.ts';
import { job, useStandIn } from '../testing/use-stand-in.ts';
import { wordsByCommand } from './commands/completion.ts';

const cliOf = (url: string) => ({ env: { API_URL: url, TOKEN: 'a.b.c' } });

const useCli = async (answers: Parameters<typeof useStandIn>[0]) => {
  const { api } = await useStandIn(answers);
  return { api, ...cliOf(api.url) };
};

describe('every command', () => {
  const cli = {
    env: {},
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: new AbortController().signal,
    now: () => 0,
    exitCode: 0,
  };
  const paths = [...wordsByCommand(createProgram(cli, '1')).keys()].filter(
    (path) => path !== 'task' && path !== 'dead-letters',
  );

  it.each(paths)('has help with examples: %s', async (path) => {
    const { code, out, err } = await runFactorial([...path.split(' ').filter(Boolean), '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/Examples:\n {2}\S/);
  });

  it('is named in the help of the whole', async () => {
    const { out } = await runFactorial(['--help']);
    for (const path of paths) expect(out).toContain(path.split(' ')[0]);
    expect(out).toContain('124  --timeout was over');
  });
});

describe('wrong usage', () => {
  it.each([
    ['an unknown command', ['sumbit'], 'Did you mean submit?'],
    ['an unknown option', ['ls', '--statsu', 'x'], "unknown option '--statsu'"],
    ['a missing argument', ['wait'], "missing required argument 'id'"],
    ['an unknown priority', ['submit', 'x', '--priority', 'urgent'], 'Allowed choices are high, normal, low'],
    ['a label without a value', ['submit', 'x', '--label', 'a'], 'It has to be key=value'],
    ['no API_URL', ['ls'], 'set API_URL'],
    ['an API_URL without a scheme', ['ls', '--api-url', 'localhost:8080'], 'begin with http:// or https://'],
    ['no token', ['ls', '--api-url', 'http://127.0.0.1:1'], 'set TOKEN'],
    ['an input that is no JSON', ['submit', 'x', '--input', '{'], '--input is no JSON'],
    [
      'an input file that is not there',
      ['submit', 'x', '--input', '@/no/such.json'],
      '/no/such.json cannot be read',
    ],
    ['a pair without a value', ['submit', 'x', 'n'], 'n is no key=value'],
    ['two inputs', ['submit', 'x', 'n=1', '--input', '{}'], 'not both'],
    ['ids and --all', ['dead-letters', 'purge', '1', '--all'], 'Give ids, or --all'],
    ['no key for a token', ['token', '--subject', 'ann'], 'set JWT_SECRET'],
    ['a short key', ['token', '--subject', 'ann', '--key-file', '/dev/null'], 'at least 32 bytes'],
    ['an unknown scope', ['token', '--subject', 'ann', '--scope', 'all'], 'It knows jobs:read'],
  ])('exits with 2 and says what is wrong: %s', async (_, args, says) => {
    const needsSettings = !/API_URL|token|TOKEN/.test(says) && args[0] !== 'token';
    const settings = needsSettings && !args.includes('--api-url') ? cliOf('http://127.0.0.1:1') : {};
    const { code, out, err } = await runFactorial(args, settings);
    expect(err).toContain(says);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

describe('an error of the api', () => {
  it.each([
    [401, 'unauthorized', 4],
    [403, 'forbidden', 4],
    [404, 'job-not-found', 5],
    [410, 'job-expired', 5],
    [409, 'wrong-state', 6],
    [422, 'invalid-input', 2],
    [500, 'internal-error', 70],
  ])('%s %s exits with %s', async (status, name, exit) => {
    const { env } = await useCli([problem(status, name)]);
    const { code, err } = await runFactorial(['cancel', 'j1'], { env });
    expect(err).toContain(name);
    expect(code).toBe(exit);
  });

  it('tells each fault, and with --json all of it to a program', async () => {
    const errors = [{ pointer: '/input/n', detail: 'must be >= 0' }];
    const { env } = await useCli([problem(422, 'invalid-input', { errors })]);
    expect((await runFactorial(['submit', 'x', 'n=-1'], { env })).err).toContain('/input/n: must be >= 0');
    const { err } = await runFactorial(['submit', 'x', 'n=-1', '--json'], { env });
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'invalid-input', status: 422, errors } });
  });

  it('names the tasks there are', async () => {
    const { env } = await useCli([problem(404, 'task-not-found', { knownTasks: ['factorial'] })]);
    expect((await runFactorial(['submit', 'x'], { env })).err).toContain('there are: factorial');
  });
});

describe('submit', () => {
  it('sends what is given and leaves the rest to the api', async () => {
    const { api, env } = await useCli([json(202, job('queued'))]);
    const options = [
      '-p',
      'high',
      '-l',
      'a=1',
      '-l',
      'b=2',
      '--ttl',
      '60',
      '--webhook',
      'https://x.example/h',
      '--webhook-event',
      'done',
      'failed',
    ];
    const { code, out } = await runFactorial(
      ['submit', 'shout', 'text=hi', 'n=3', 'o={"a":[1]}', ...options],
      { env },
    );
    expect({ code, out }).toEqual({ code: 0, out: 'j1\n' });
    expect(JSON.parse(api.asked[0]?.body ?? '')).toEqual({
      task: 'shout',
      input: { text: 'hi', n: 3, o: { a: [1] } },
      priority: 'high',
      labels: { a: '1', b: '2' },
      ttlSeconds: 60,
      webhook: { url: 'https://x.example/h', events: ['done', 'failed'] },
    });
  });

  it('reads its input from stdin', async () => {
    const { api, env } = await useCli([json(202, job('queued'))]);
    await runFactorial(['submit', 'x', '--input', '-'], { env, stdin: '[1, 2]' });
    expect(JSON.parse(api.asked[0]?.body ?? '')).toEqual({ task: 'x', input: [1, 2] });
  });

  it('shows how it goes on a terminal, on stderr, and writes the output to stdout', async () => {
    const { env } = await useCli([
      json(202, job('queued', { position: 2, etaSeconds: 4 })),
      stream([
        event('1', 'started'),
        event('2', 'progress', { value: 0.5, message: 'half\n\u001b way' }),
        event('3', 'done'),
      ]),
      json(200, job('done')),
      (_, res) => void res.writeHead(200, { 'content-type': 'text/plain' }).end('6'),
    ]);
    const { code, out, err } = await runFactorial(['submit', 'x', '--wait'], { env, terminal: true });
    expect({ code, out }).toEqual({ code: 0, out: '6\n' });
    expect(err).toContain('queued, 2 ahead, done in about 4 s');
    expect(err).toContain('[===============               ]  50 % half way');
    expect(err.endsWith('\r\u001b[2K')).toBe(true);
  });

  it('shows nothing of it where there is no terminal, and nothing but the output', async () => {
    const { env } = await useCli([
      json(202, job('queued')),
      json(200, job('done')),
      (_, res) => void res.writeHead(200, { 'content-type': 'text/plain' }).end('6'),
    ]);
    expect(await runFactorial(['submit', 'x', '--wait'], { env })).toEqual({ code: 0, out: '6', err: '' });
  });

  it('keeps bytes off a terminal', async () => {
    const { env } = await useCli([
      (_, res) => void res.writeHead(200, { 'content-type': 'image/png' }).end('x'),
    ]);
    const { code, err } = await runFactorial(['result', 'j1'], { env, terminal: true });
    expect(code).toBe(2);
    expect(err).toContain('The output is image/png: give -o FILE');
  });

  it.each([
    ['result', 'text/plain'],
    ['result', 'application/json'],
  ])(
    'keeps what would command the terminal off it, and gives a file every byte: %s of %s',
    async (command, type) => {
      const evil = 'a\u001b]0;title\u0007\u001b[2J\u009b31m\r\n\tb';
      const answer = (_: unknown, res: ServerResponse) =>
        void res.writeHead(200, { 'content-type': type }).end(evil);
      const { env } = await useCli([answer, answer]);
      const shown = await runFactorial([command, 'j1'], { env, terminal: true });
      expect(shown.out).toBe('a\ufffd]0;title\ufffd\ufffd[2J\ufffd31m\n\tb\n');
      expect((await runFactorial([command, 'j1'], { env })).out).toBe(evil);
    },
  );

  it('keeps it off in an error, too', async () => {
    const error = { code: 'task-error', message: 'no\u001b[2J\u001b]52;c;x\u0007', retryable: false };
    const { env } = await useCli([json(202, job('queued')), json(200, job('failed', { error }))]);
    const ran = runFactorial(['submit', 'x', '--wait', '--json'], { env, terminal: true });
    expect((await ran).err).not.toContain('\u001b');
    const plain = await useCli([json(200, job('failed', { error }))]);
    const { err } = await runFactorial(['wait', 'j1'], { env: plain.env, terminal: true });
    expect(err).toContain('no\ufffd[2J\ufffd]52;c;x\ufffd');
  });

  it('writes to a device and does not replace it', async () => {
    const answer = (_: unknown, res: ServerResponse) =>
      void res.writeHead(200, { 'content-type': 'text/plain' }).end('6');
    const { env } = await useCli([answer, answer]);
    const folder = await mkdtemp(join(tmpdir(), 'factorial-'));
    const [device, file] = [join(folder, 'device'), join(folder, 'file')];
    await symlink('/dev/null', device);
    for (const path of [device, file])
      expect(await runFactorial(['result', 'j1', '-o', path], { env })).toMatchObject({ code: 0, err: '' });
    expect((await lstat(device)).isSymbolicLink()).toBe(true);
    expect([await readFile(file, 'utf8'), await readdir(folder)]).toEqual(['6', ['device', 'file']]);
    await rm(folder, { recursive: true });
  });

  it('exits with 1 and says why when the job fails', async () => {
    const error = { code: 'permanent', message: 'it broke', retryable: false };
    const { env } = await useCli([json(202, job('queued')), json(200, job('failed', { error }))]);
    const { code, out, err } = await runFactorial(['submit', 'x', '--wait'], { env });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('job j1 ended as failed: it broke (permanent)');
  });

  it('exits with 124 when --timeout is over', async () => {
    const { env } = await useCli([json(202, job('queued')), silence]);
    const { code, err } = await runFactorial(['submit', 'x', '--wait', '--timeout', '0.1'], { env });
    expect(code).toBe(124);
    expect(err).toContain('it goes on');
  });

  it('says how to go on, and exits with 130, when Ctrl-C ends the wait', async () => {
    const { env, api } = await useCli([json(202, job('queued')), silence]);
    const interrupted = new AbortController();
    const ran = runFactorial(['submit', 'x', '--wait'], { env, signal: interrupted.signal });
    await expect.poll(() => api.asked.length).toBe(2);
    interrupted.abort();
    const { code, err } = await ran;
    expect(code).toBe(130);
    expect(err).toContain('factorial wait j1');
    expect(err).toContain('factorial cancel j1');
  });
});

describe('ls', () => {
  const jobs = [
    job('queued', { task: 'x', maxAttempts: 3, createdAt: new Date(0).toISOString(), position: 3 }),
    job('done', { task: 'y', maxAttempts: 3, createdAt: new Date(0).toISOString(), outputBytes: 12 }),
  ];

  it('prints a table, and with --json a job a line', async () => {
    const { env } = await useCli([json(200, { jobs })]);
    const { out } = await runFactorial(['ls'], { env, now: () => 60_000 });
    expect(out).toBe(
      'ID  TASK  STATUS  ATTEMPT  AGE\nj1  x     queued  1/3      60 s  3 ahead\nj1  y     done    1/3      60 s  12 bytes\n',
    );
    const lines = (await runFactorial(['ls', '--json'], { env })).out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(jobs);
  });
});

#!/usr/bin/env node
/** The program `factorial`: hands the process's own world to the command line. */
import { readFileSync } from 'node:fs';
import { runCli } from './run-cli.ts';

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

const interrupted = new AbortController();
process.on('SIGINT', () => {
  // The second Ctrl-C does not wait for anything.
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});

/** Whoever read our output has gone (`| head`): nothing is wrong. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 70);
  });
}

const cli = {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupted.signal,
  now: Date.now,
  exitCode: 0,
};

process.exitCode = await runCli(cli, process.argv.slice(2), version);

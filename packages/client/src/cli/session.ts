/** One command at work: its settings, the client, and where it speaks. */
import type { Command } from 'commander';
import type { FactorialClient } from '../client.ts';
import { createClient } from '../create-client.ts';
import type { Cli } from './cli.ts';
import { UsageError } from './exit-codes.ts';
import { forTerminal } from './for-terminal.ts';

/** Those that every command takes. */
export interface GlobalOptions {
  apiUrl?: string;
  token?: string;
  json?: boolean;
}

export interface Settings {
  apiUrl: string | undefined;
  token: string | undefined;
}

const withoutBlank = (text: string | undefined): string | undefined =>
  text?.trim() ? text.trim() : undefined;

/** Flags, then the environment. */
export const settingsOf = ({ env }: Pick<Cli, 'env'>, options: GlobalOptions): Settings => ({
  apiUrl: withoutBlank(options.apiUrl) ?? withoutBlank(env['API_URL']),
  token: withoutBlank(options.token) ?? withoutBlank(env['TOKEN']),
});

const fromMakeRun = 'While `make run` is up: set -a; . .local/run.env; set +a';

const requireApiUrl = ({ apiUrl }: Settings): string => {
  if (apiUrl === undefined) {
    throw new UsageError(`Nobody said where the api is: give --api-url, or set API_URL.\n${fromMakeRun}`);
  }
  if (!/^https?:\/\/\S+$/i.test(apiUrl)) {
    throw new UsageError(`${apiUrl} is no address of an api: it has to begin with http:// or https://.`);
  }
  return apiUrl;
};

const requireToken = ({ token }: Settings): string => {
  if (token !== undefined) return token;
  throw new UsageError(`There is no token: set TOKEN, or give --token.\n${fromMakeRun}`);
};

export interface Session {
  cli: Cli;
  client: FactorialClient;
  /** Output is for programs. */
  json: boolean;
  /** A line of the result. */
  say: (line: string) => void;
  /** A line about how it goes: to stderr, so that the result stays clean. */
  tell: (line: string) => void;
}

/** @throws UsageError where a setting is missing. */
export const openSession = (cli: Cli, command: Command): Session => {
  const options = command.optsWithGlobals<GlobalOptions>();
  const settings = settingsOf(cli, options);
  return {
    cli,
    client: createClient({ baseUrl: requireApiUrl(settings), token: requireToken(settings) }),
    json: options.json ?? false,
    say: (line) => void cli.stdout.write(forTerminal(cli.stdout, `${line}\n`)),
    tell: (line) => void cli.stderr.write(forTerminal(cli.stderr, `${line}\n`)),
  };
};

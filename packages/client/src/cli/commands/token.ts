/** `factorial token`: makes a token where the key is at hand. */
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../exit-codes.ts';
import { mintToken } from '../mint-token.ts';

interface Options {
  subject: string;
  scope: string[];
  ttlSeconds: number;
  keyFile?: string;
  issuer?: string;
  audience?: string;
}

const examples = `
Examples:
  JWT_SECRET=… factorial token --subject ann
  factorial token --subject dev --key-file .local/client-jwt.key --issuer factorial-local   the key of \`make run\`
  export TOKEN=$(factorial token --subject ops --scope "jobs:read jobs:write admin" --ttl-seconds 600)

JWT_SECRET, JWT_ISSUER and JWT_AUDIENCE are those of the api. Where it checks by a set of public keys, tokens come from
the issuer whose keys these are.`;

const known = new Set(['jobs:read', 'jobs:write', 'admin']);
const yearSeconds = 31_536_000;
const defaultName = 'factorial';

const scopes = (text: string): string[] => {
  const names = text.split(' ').filter(Boolean);
  if (names.length > 0 && names.every((name) => known.has(name))) return names;
  throw new InvalidArgumentError(`It knows ${[...known].join(', ')}.`);
};

const lifetime = (text: string): number => {
  const seconds = wholeNumber(text);
  if (seconds >= 1 && seconds <= yearSeconds) return seconds;
  throw new InvalidArgumentError(`It has to be from 1 to ${yearSeconds}.`);
};

const subject = (text: string): string => {
  if (text.length > 0 && text.length <= 255) return text;
  throw new InvalidArgumentError('It has to have 1 to 255 characters.');
};

const keyOf = async ({ env }: Cli, { keyFile }: Options): Promise<string> => {
  if (keyFile !== undefined) {
    const key = await readFile(keyFile, 'utf8').catch((error: unknown) => {
      throw new UsageError(
        `${keyFile} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
    return key.trim();
  }
  const key = env['JWT_SECRET'];
  if (key) return key;
  throw new UsageError('There is no key: set JWT_SECRET to that of the api, or give --key-file.');
};

export const addToken = (program: Command, cli: Cli): void => {
  program
    .command('token')
    .summary('make a token, where the key is at hand')
    .description("Prints a token for a client, signed with the api's own key (JWT_SECRET).")
    .requiredOption('--subject <name>', 'who owns the jobs', subject)
    .option('--scope <scopes>', 'what it allows, separated by spaces', scopes, ['jobs:read', 'jobs:write'])
    .option('--ttl-seconds <seconds>', 'how long it is good', lifetime, 3_600)
    .option('--key-file <file>', 'file that holds the key, in place of JWT_SECRET')
    .option('--issuer <name>', 'default: JWT_ISSUER, else factorial')
    .option('--audience <name>', 'default: JWT_AUDIENCE, else factorial')
    .addHelpText('after', examples)
    .action(async (options: Options, command: Command) => {
      const claims = {
        subject: options.subject,
        scopes: options.scope,
        lifetimeSeconds: options.ttlSeconds,
        issuer: options.issuer ?? cli.env['JWT_ISSUER'] ?? defaultName,
        audience: options.audience ?? cli.env['JWT_AUDIENCE'] ?? defaultName,
      };
      const token = mintToken(await keyOf(cli, options), claims, cli.now());
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      cli.stdout.write(`${json === true ? JSON.stringify({ token }) : token}\n`);
    });
};

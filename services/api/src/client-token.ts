/** Makes a client's token from a command's arguments and the api's settings. */
import { parseArgs } from 'node:util';
import { mintToken } from '@factorial/core/auth/mint-token';
import { loadConfig } from '@factorial/core/config/load-config';
import { toError } from '@factorial/core/errors/to-error';
import { z } from 'zod';
import { clientTokenFields } from './client-token-fields.ts';

const keySchema = z.object(clientTokenFields);
type Settings = z.output<typeof keySchema>;

const yearSeconds = 31_536_000;

const argumentsSchema = z.object({
  subject: z.string('has to be given: the name that owns the jobs').min(1).max(255),
  scope: z
    .string()
    .default('jobs:read jobs:write')
    .transform((text) => text.split(' ').filter(Boolean))
    .pipe(
      z.array(z.enum(['jobs:read', 'jobs:write', 'admin'], 'knows jobs:read, jobs:write and admin')).min(1),
    ),
  'ttl-seconds': z
    .string()
    .regex(/^\d{1,8}$/, 'has to be a number of seconds')
    .default('3600')
    .transform(Number)
    .refine((seconds) => seconds >= 1 && seconds <= yearSeconds, `has to be from 1 to ${yearSeconds}`),
});

const usage = 'usage: mint-token --subject NAME [--scope "jobs:read jobs:write"] [--ttl-seconds 3600]';

const usageError = (mistakes: readonly string[]): Error => new Error([...mistakes, usage].join('\n'));

const optionsOf = (args: readonly string[]) => {
  const text = { type: 'string' } as const;
  try {
    const options = { subject: text, scope: text, 'ttl-seconds': text };
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (thrown) {
    throw usageError([toError(thrown).message]);
  }
};

const parseArguments = (args: readonly string[]): z.output<typeof argumentsSchema> => {
  const parsed = argumentsSchema.safeParse(optionsOf(args));
  if (parsed.success) return parsed.data;
  throw usageError(parsed.error.issues.map(({ path, message }) => `--${String(path[0])} ${message}`));
};

const secretOf = ({ JWT_SECRET, JWT_JWKS_FILE }: Settings): string => {
  if (JWT_SECRET !== undefined) return JWT_SECRET;
  throw new Error(
    JWT_JWKS_FILE === undefined
      ? 'JWT_SECRET is not set: run this where the api runs, or give it the same key'
      : 'JWT_SECRET is not set, since JWT_JWKS_FILE is used: get a token from the issuer whose keys these are',
  );
};

/**
 * @param args without the program's name.
 * @param nowMs since the epoch.
 * @throws Error whose message says what to do.
 */
export const createClientToken = async (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  nowMs: number,
): Promise<string> => {
  const { subject, scope, 'ttl-seconds': lifetimeSeconds } = parseArguments(args);
  const settings = loadConfig(keySchema, env);
  return mintToken(secretOf(settings), {
    subject,
    scopes: scope,
    lifetimeSeconds,
    nowMs,
    issuer: settings.JWT_ISSUER,
    audience: settings.JWT_AUDIENCE,
  });
};

/** Turns the environment into a frozen, typed configuration, or into one message that lists every mistake. */
import type { z } from 'zod';

export class ConfigError extends Error {
  /** One line per mistake: `PORT: expected a number`. */
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(`configuration is wrong:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

/** A variable of JSON may be wrong deep inside. */
const describe = ({ path: [, ...inside], message }: z.core.$ZodIssue): string =>
  inside.length === 0 ? message : `${inside.map(String).join('.')}: ${message}`;

/**
 * @param schema a zod object whose keys are the variables' names.
 * @param env usually `process.env`; an empty string counts as not set.
 * @throws ConfigError with all mistakes at once.
 */
export const loadConfig = <Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<Schema>> => {
  const present = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  const parsed = schema.safeParse(present);
  if (parsed.success) return Object.freeze(parsed.data);
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0] ?? '');
      const hint = schema.shape[name]?.description;
      const told = present[name] === undefined ? 'is missing' : describe(issue);
      return `${name}: ${told}${hint ? ` (${hint})` : ''}`;
    }),
  );
};

/** `loadConfig` for a main module: mistakes go to stderr and the process exits with 1. */
export const loadConfigOrExit = <Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<Schema>> => {
  try {
    return loadConfig(schema, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(1);
  }
};

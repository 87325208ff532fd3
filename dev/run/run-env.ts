/** The file that tells scripts where the running system is and how to be let in. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeSecret } from './secret-file.ts';

const runEnvSchema = z.object({
  API_URL: z.string(),
  INTERNAL_URL: z.string(),
  OPS_URL: z.string(),
  TOKEN: z.string(),
  ADMIN_TOKEN: z.string(),
  AMQP_URL: z.string(),
  WORKER_TOKEN_FILE: z.string(),
});
export type RunEnv = z.output<typeof runEnvSchema>;

export const runEnvFile = (localDir: string): string => join(localDir, 'run.env');

/** Lines a shell can source: no value holds a character that means something to it. */
export const writeRunEnv = async (localDir: string, env: RunEnv): Promise<void> => {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  await writeSecret(runEnvFile(localDir), lines.join(''));
};

/** @returns undefined when there is none: `make run` is not up. */
export const readRunEnv = async (localDir: string): Promise<RunEnv | undefined> => {
  const text = await readFile(runEnvFile(localDir), 'utf8').catch(() => '');
  const pairs = text
    .split('\n')
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return runEnvSchema.safeParse(Object.fromEntries(pairs)).data;
};

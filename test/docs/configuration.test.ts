/** docs/configuration.md is made of the services' schemas; `npx vitest run test/docs --update` writes it anew. */
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { runSettingsSchema } from '../../dev/run/settings.ts';
import { configSchema as apiConfigSchema } from '../../services/api/src/config.ts';
import { janitorConfigSchema } from '../../services/janitor/src/config.ts';
import { scalerConfigSchema } from '../../services/scaler/src/config.ts';
import { configSchema as workerConfigSchema } from '../../services/worker/src/config.ts';

const services: Record<string, z.ZodObject> = {
  api: apiConfigSchema,
  worker: workerConfigSchema,
  scaler: scalerConfigSchema,
  janitor: janitorConfigSchema,
  'make run': runSettingsSchema,
};

/** Depends on the machine: the number stands in no document. */
const ofThisMachine: Record<string, string> = {
  MAX_WORKERS: 'the number of cores',
  WORKER_ID: 'host name and a random part',
  CONSOLE_DIR: "the console's build beside the api",
};

const defaultOf = (name: string, field: z.core.$ZodType): string => {
  const known = ofThisMachine[name];
  if (known !== undefined) return known;
  const parsed = field['~standard'].validate(undefined);
  if (parsed instanceof Promise) throw new Error(`${name} cannot be checked at once`);
  if (parsed.issues) return '**required**';
  const { value } = parsed;
  if (value === undefined) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
};

const rowsOf = (schema: z.ZodObject): string[] =>
  Object.entries(schema.shape).map(
    ([name, field]) =>
      `| \`${name}\` | ${defaultOf(name, field)} | ${(field.description ?? '').replaceAll('|', '\\|')} |`,
  );

const page = (): string => {
  const tables = Object.entries(services).map(([service, schema]) =>
    [`## ${service}`, '', '| variable | default | what it is |', '|---|---|---|', ...rowsOf(schema), ''].join(
      '\n',
    ),
  );
  const intro =
    'Every variable of every service. All mistakes are told at once, and the process exits with 1. This page is made from the ' +
    'schemas (`services/*/src/config.ts`); a test keeps it fresh.';
  return `# Configuration\n\n${intro}\n\n${tables.join('\n')}`;
};

test('describes every variable of every service', () => {
  for (const schema of Object.values(services)) {
    for (const [name, field] of Object.entries(schema.shape)) expect(field.description, name).toBeTruthy();
  }
});

test('docs/configuration.md is fresh', async () => {
  await expect(page()).toMatchFileSnapshot('../../docs/configuration.md');
});

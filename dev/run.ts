/** `make run`: everything on this machine, from one command. */
import { fileURLToPath } from 'node:url';
import { loadConfigOrExit } from '@factorial/core/config/load-config';
import { toError } from '@factorial/core/errors/to-error';
import { runSystem } from './run/run-system.ts';
import { runSettingsSchema } from './run/settings.ts';

/** The terminal may be gone before we are. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const settings = loadConfigOrExit(runSettingsSchema, process.env);
const repositoryDir = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

try {
  await runSystem({ repositoryDir, settings, say: (line) => console.log(line) });
  process.exit(0);
} catch (error) {
  console.error(toError(error).message);
  process.exit(1);
}

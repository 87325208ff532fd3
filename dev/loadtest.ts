/** `make loadtest`: runs a scenario of loadtest/ with k6, against the system that `make run` started or the one in BASE_URL (or API_URL). */
import { fileURLToPath } from 'node:url';
import { toError } from '@factorial/core/errors/to-error';
import { runScenario } from './loadtest/run-scenario.ts';

const repositoryDir = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

try {
  process.exitCode = await runScenario({ repositoryDir, env: process.env, say: (line) => console.log(line) });
} catch (error) {
  console.error(toError(error).message);
  process.exitCode = 1;
}

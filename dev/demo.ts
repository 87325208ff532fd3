/** `make demo`: the article's example, 150000!, on the system that `make run` started. */
import { fileURLToPath } from 'node:url';
import { toError } from '@factorial/core/errors/to-error';
import { createDemoClient } from './demo/demo-client.ts';
import { showJob } from './demo/show-job.ts';
import { readRunEnv } from './run/run-env.ts';
import { requireTask } from './run/require-task.ts';

const notUp = 'make run is not up: start it in another terminal, then try again.';

const main = async (): Promise<void> => {
  const env = await readRunEnv(fileURLToPath(new URL('../.local', import.meta.url)));
  if (!env) throw new Error(notUp);
  const client = createDemoClient(env.API_URL, env.TOKEN);
  // After a kill -9 of `make run` its file is still there and nobody answers.
  await fetch(env.API_URL, { signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
    throw new Error(notUp, { cause });
  });
  await requireTask({ apiUrl: env.API_URL, token: env.TOKEN, task: 'factorial' });
  await showJob({ client, say: (line) => console.log(line), now: Date.now, pauseMs: 100 }, 150_000);
};

try {
  await main();
} catch (error) {
  console.error(toError(error).message);
  process.exitCode = 1;
}

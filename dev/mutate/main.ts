/**
 * `make mutate`: breaks every branch of the store's Lua scripts, one at a time, and runs the store's tests against each.
 * A mutant that no test notices is listed; below 90 % noticed the command fails. `npm run mutate repair` breaks one script only.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureBrokers } from '../brokers/ensure-brokers.ts';
import { startRedis } from '../brokers/start-redis.ts';
import { luaMutants, type Mutant } from './lua-mutants.ts';

const scriptDir = 'packages/core/src/jobs/scripts';
const leastCaughtShare = 0.9;
const run = promisify(execFile);

const allMutants = async (): Promise<Mutant[]> => {
  const [, , only = ''] = process.argv;
  const files = (await readdir(scriptDir))
    .filter((file) => file.endsWith('.lua') && file.includes(only))
    .sort();
  const perFile = await Promise.all(
    files.map(async (file) => luaMutants(file, await readFile(join(scriptDir, file), 'utf8'))),
  );
  return perFile.flat();
};

/** @returns whether the tests fail with these scripts. */
const isCaught = async (folder: string, redisUrl: string): Promise<boolean> => {
  const env = {
    ...process.env,
    TEST_SCRIPT_DIR: folder,
    TEST_REDIS_URL: redisUrl,
    // The store's tests use no broker: the setup only has to be kept from starting one.
    TEST_AMQP_URL: 'amqp://unused',
    TEST_RABBITMQ_MANAGEMENT_URL: 'http://unused',
  };
  try {
    await run('vitest', ['run', '--bail=1', '--reporter=dot', 'packages/core/src/jobs'], {
      env,
      timeout: 120_000,
    });
    return false;
  } catch {
    return true;
  }
};

const report = (mutants: readonly Mutant[], survivors: readonly Mutant[]): void => {
  const caught = mutants.length - survivors.length;
  for (const { file, line, condition, becomes } of survivors) {
    console.log(`not noticed: ${file}:${line} "${condition}" → ${becomes}`);
  }
  console.log(
    `${caught} of ${mutants.length} broken branches noticed (${((100 * caught) / mutants.length).toFixed(1)} %)`,
  );
  process.exitCode = caught / mutants.length >= leastCaughtShare ? 0 : 1;
};

const work = await mkdtemp(join(tmpdir(), 'factorial-mutate-'));
const sources = await ensureBrokers(process.env);
const redis = await startRedis({ source: sources.redis, dataDir: join(work, 'redis'), appendfsync: 'off' });
try {
  const folder = join(work, 'scripts');
  await cp(scriptDir, folder, { recursive: true });
  if (await isCaught(folder, redis.url)) throw new Error('the tests fail before anything is broken');
  const mutants = await allMutants();
  const survivors: Mutant[] = [];
  for (const mutant of mutants) {
    const whole = await readFile(join(folder, mutant.file), 'utf8');
    await writeFile(join(folder, mutant.file), mutant.source);
    const caught = await isCaught(folder, redis.url);
    await writeFile(join(folder, mutant.file), whole);
    console.log(
      `${caught ? 'noticed' : 'NOT noticed'}  ${mutant.file}:${mutant.line}  ${mutant.condition} → ${mutant.becomes}`,
    );
    if (!caught) survivors.push(mutant);
  }
  report(mutants, survivors);
} finally {
  await redis.stop();
  await rm(work, { recursive: true, force: true });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startedAt } from '../programs/process-identity.ts';
import { startGuard } from './guard.ts';

const patient = { timeout: 5_000, interval: 10 };
const guardModule = fileURLToPath(new URL('guard.ts', import.meta.url));

/** Starts a guarded program, tells its id, and lives on. */
const ownerScript = `
  import { spawn } from 'node:child_process';
  import { startGuard } from ${JSON.stringify(guardModule)};
  const guard = await startGuard(process.argv[1]);
  const child = spawn('sleep', ['100'], { detached: true, stdio: 'ignore' });
  guard.watch(child.pid);
  console.log(child.pid);`;

const makeDir = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'factorial-guard-'));
  await writeFile(join(dir, 'data'), 'x');
  return dir;
};

it('ends the programs and removes their data when their owner is killed', async () => {
  const dir = await makeDir();
  const owner = spawn(process.execPath, ['--input-type=module', '-e', ownerScript, dir]);
  const [line] = await once(owner.stdout, 'data');
  const program = Number(String(line));
  expect(startedAt(program)).toBeDefined();
  owner.kill('SIGKILL');
  await expect.poll(() => startedAt(program), patient).toBeUndefined();
  await expect.poll(() => existsSync(dir), patient).toBe(false);
});

it('touches nothing when it has been dismissed', async () => {
  const dir = await makeDir();
  const guard = await startGuard(dir);
  await guard.dismiss();
  expect(existsSync(dir)).toBe(true);
  await rm(dir, { recursive: true });
});

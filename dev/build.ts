/** `npm run build`: compiles what runs in production to `dist` folders, puts beside it the files that are read when it runs, and builds the console. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const repositoryDir = resolve(import.meta.dirname, '..');
const builds = globSync('{packages,services}/*/tsconfig.build.json', { cwd: repositoryDir });
const folders = builds.map((config) => join(repositoryDir, config, '..'));

/** Only what is the sources' today: a file that was renamed must not live on. */
await Promise.all(folders.map(async (folder) => rm(join(folder, 'dist'), { recursive: true, force: true })));

/** A program that npm has installed; its failure is the build's. */
const run = (name: string, args: readonly string[]): void => {
  const program = join(repositoryDir, 'node_modules/.bin', name);
  const { status, error } = spawnSync(program, args, { cwd: repositoryDir, stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(1);
};

run('tsc', ['-b', ...builds]);
run('vite', ['build', 'services/console', '--logLevel', 'warn']);

/** Scripts of the store, definitions of tasks: whatever is no TypeScript. */
const copyDataFiles = async (folder: string): Promise<void> => {
  const isData = (path: string): boolean => !/\.ts$|\/testing(\/|$)/.test(path);
  await cp(join(folder, 'src'), join(folder, 'dist'), { recursive: true, filter: isData });
};

/** The compiler needs them from one package to the next; what runs does not. */
const removeDeclarations = async (folder: string): Promise<void> => {
  const files = globSync('dist/{**/*.d.ts,.tsbuildinfo}', { cwd: folder });
  await Promise.all(files.map(async (file) => rm(join(folder, file))));
};

await Promise.all(folders.flatMap((folder) => [copyDataFiles(folder), removeDeclarations(folder)]));

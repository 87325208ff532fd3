/**
 * `npm run build`: compiles what runs in production to `dist` folders, puts beside it the files that are read when it runs, and builds
 * the console. `node dev/build.ts packages/client` builds that folder alone.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildConsole } from './console/build-console.ts';

const repositoryDir = resolve(import.meta.dirname, '..');
const [wanted] = process.argv.slice(2);
const builds = globSync(`${wanted ?? '{packages,services}/*'}/tsconfig.build.json`, { cwd: repositoryDir });
const folders = builds.map((config) => join(repositoryDir, config, '..'));

/** Only what is the sources' today: a file that was renamed must not live on. */
await Promise.all(folders.map(async (folder) => rm(join(folder, 'dist'), { recursive: true, force: true })));

const compiler = join(repositoryDir, 'node_modules/.bin/tsc');
const { status, error } = spawnSync(compiler, ['-b', ...builds], { cwd: repositoryDir, stdio: 'inherit' });
if (error) throw error;
if (status !== 0) process.exit(1);

/** Scripts of the store, definitions of tasks: whatever is no TypeScript. */
const copyDataFiles = async (folder: string): Promise<void> => {
  const isData = (path: string): boolean => !/\.ts$|\/testing(\/|$)/.test(path);
  await cp(join(folder, 'src'), join(folder, 'dist'), { recursive: true, filter: isData });
};

const isPublished = (folder: string): boolean =>
  !('private' in JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));

/** The compiler needs them from one package to the next; what runs does not, and who installs a package of ours does. */
const removeDeclarations = async (folder: string): Promise<void> => {
  const files = globSync(isPublished(folder) ? 'dist/.tsbuildinfo' : 'dist/{**/*.d.ts,.tsbuildinfo}', {
    cwd: folder,
  });
  await Promise.all(files.map(async (file) => rm(join(folder, file))));
};

if (wanted === undefined) await buildConsole(repositoryDir);

await Promise.all(folders.flatMap((folder) => [copyDataFiles(folder), removeDeclarations(folder)]));

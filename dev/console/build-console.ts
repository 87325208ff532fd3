/**
 * Builds the console with Vite into `services/console/dist`, and puts beside each text file its compressed forms, which the api sends as
 * they are. Imports nothing but Node: the container image is built with it before anything of ours is compiled.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const consoleDirOf = (repositoryDir: string): string => join(repositoryDir, 'services/console');
export const consoleDistOf = (repositoryDir: string): string => join(consoleDirOf(repositoryDir), 'dist');

/** Others are compressed in themselves. */
const textual = new Set(['.html', '.js', '.css', '.svg', '.json']);
/** Below, the headers are larger than what is saved. */
const worthBytes = 1_024;

const packings = [
  {
    suffix: '.br',
    pack: async (bytes: Buffer) =>
      promisify(brotliCompress)(bytes, {
        params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength },
      }),
  },
  { suffix: '.gz', pack: async (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }) },
] as const;

const packFile = async (file: string): Promise<void> => {
  const bytes = await readFile(file);
  if (bytes.byteLength < worthBytes) return;
  for (const { suffix, pack } of packings) {
    const packed = await pack(bytes);
    if (packed.byteLength < bytes.byteLength) await writeFile(file + suffix, packed);
  }
};

export const packFolder = async (folder: string): Promise<void> => {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => textual.has(extname(name))).map((name) => join(folder, name));
  await Promise.all(files.map(packFile));
};

/** @throws with what Vite said. */
const runVite = async (repositoryDir: string, outDir: string): Promise<void> => {
  const vite = join(repositoryDir, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn'];
  const child = spawn(process.execPath, args, {
    cwd: consoleDirOf(repositoryDir),
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the console cannot be built:\n${said.trim()}`);
};

/** What is served is at no time half there: the new build takes the old one's place as a whole, for everybody to read. */
const replace = async (dist: string, built: string): Promise<void> => {
  await chmod(built, 0o755);
  const old = `${built}-old`;
  await rename(dist, old).catch(() => undefined);
  await rename(built, dist);
  await rm(old, { recursive: true, force: true });
};

/** @throws when Vite fails; what was built before stays then. */
export const buildConsole = async (repositoryDir: string): Promise<void> => {
  const dist = consoleDistOf(repositoryDir);
  const built = await mkdtemp(`${dist}-`);
  try {
    await runVite(repositoryDir, built);
    await packFolder(built);
    await replace(dist, built);
  } finally {
    await rm(built, { recursive: true, force: true });
  }
};

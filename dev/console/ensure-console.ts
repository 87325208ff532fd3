/** Makes sure that the console is built from the sources there are: `make run` and the tests in a browser ask for it. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildConsole, consoleDistOf } from './build-console.ts';

/** What goes into a build. Of the core it takes what it imports; which files that is would be a guess. */
const sources = ['services/console', 'packages/core/src', 'package-lock.json'];
const notSources = /(?:^|\/)(?:node_modules|dist(?:-[^/]+)?|testing)(?:\/|$)|\.test\.tsx?$/;

/** 0 for what is not there. */
const changedMs = async (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** Itself, where it is no folder. Folders within count too: a file that is gone has changed its folder. */
const partsOf = async (path: string): Promise<string[]> => {
  const names = await readdir(path, { recursive: true }).catch(() => undefined);
  if (names === undefined) return [path];
  return names.filter((name) => !notSources.test(name)).map((name) => join(path, name));
};

const newestMs = async (path: string): Promise<number> =>
  Math.max(0, ...(await Promise.all((await partsOf(path)).map(changedMs))));

/** @returns whether what is built is older than what it is built from, or not there. */
const isConsoleStale = async (repositoryDir: string): Promise<boolean> => {
  const builtMs = await changedMs(join(consoleDistOf(repositoryDir), 'index.html'));
  const times = await Promise.all(sources.map(async (source) => newestMs(join(repositoryDir, source))));
  return Math.max(...times) > builtMs;
};

export interface EnsureConsoleOptions {
  repositoryDir: string;
  /** Told when it has to be built, which takes some seconds. */
  say: (line: string) => void;
  build?: (repositoryDir: string) => Promise<void>;
}

/** @throws when it has to be built and cannot be. */
export const ensureConsole = async (options: EnsureConsoleOptions): Promise<void> => {
  const { repositoryDir, say, build = buildConsole } = options;
  if (!(await isConsoleStale(repositoryDir))) return;
  say('building the console');
  await build(repositoryDir);
};

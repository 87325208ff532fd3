/** Runs a page's lines in one shell, as somebody who follows the page would. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ShellBlock } from './shell-blocks.ts';

const mark = (index: number): string => `--- end of block ${index} ---`;

export interface RunBlocksOptions {
  /** Where the lines are run. */
  folder: string;
  timeoutMs: number;
}

/** @returns what each block printed. @throws when a line fails, with what was printed until then. */
export const runBlocks = async (
  blocks: readonly ShellBlock[],
  { folder, timeoutMs }: RunBlocksOptions,
): Promise<string[]> => {
  const lines = blocks.map(({ code }, index) => `${code}\nprintf '\\n%s\\n' '${mark(index)}'`);
  const script = join(folder, 'page.sh');
  await writeFile(script, `set -euo pipefail\n${lines.join('\n')}\n`);
  // The Node that runs us comes first: the machine's own may be older than the pages ask for.
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) };
  const options = { cwd: folder, env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)('bash', [script], options);
  let rest = stdout;
  return blocks.map((_, index) => {
    const [printed = '', ...others] = rest.split(`\n${mark(index)}\n`);
    rest = others.join('');
    return printed.trim();
  });
};

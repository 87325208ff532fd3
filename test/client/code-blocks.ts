/** Finds the code that documents hold, so that tests can run it. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

export const repositoryDir = resolve(import.meta.dirname, '../..');

/** @param language as it stands behind the fence. @returns the blocks of a section, without their fences. */
export const codeBlocks = (
  page: string,
  { heading, language }: { heading: string; language: string },
): string[] => {
  const lines = page.split('\n');
  const from = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (from < 0) throw new Error(`no heading ${heading}`);
  const depth = /^#+/.exec(lines[from] ?? '')?.[0].length ?? 0;
  const length = lines
    .slice(from + 1)
    .findIndex((line) => /^#+ /.test(line) && /^#+/.exec(line)?.[0].length === depth);
  const section = lines.slice(from + 1, length < 0 ? undefined : from + 1 + length).join('\n');
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    (match) => match[1] ?? '',
  );
};

export const readPage = async (path: string): Promise<string> =>
  readFile(resolve(repositoryDir, path), 'utf8');

/** `@example` blocks of a source file, with the name of what each belongs to. */
export const examplesIn = (source: string): { name: string; code: string }[] =>
  [...source.matchAll(/```ts\n(.*?)```\s*\*\/\s*(?:export )?(?:const )?(\w+)/gs)].map(
    ([, text = '', name = '']) => ({
      name,
      code: text.replaceAll(/^ *\* ?/gm, ''),
    }),
  );

/** What the code says it prints: the comment behind each `console.log`. */
export const printedBy = (code: string): string[] =>
  [...code.matchAll(/console\.log\(.*\)+;? \/\/ (.*)$/gm)].map((match) => match[1] ?? '');

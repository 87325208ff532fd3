/** A guard to be taken out of a service, and how. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { repositoryDir } from '../../../dev/system/system-services.ts';

export const sourcePatchesSchema = z.array(
  z.object({
    /** The end of the module's path, or a script's name. */
    file: z.string(),
    from: z.string(),
    to: z.string(),
  }),
);
export type SourcePatch = z.output<typeof sourcePatchesSchema>[number];

/** @throws where there is nothing to break: a control whose guard has been rewritten would pass for the wrong reason. */
export const applyPatch = (source: string, { file, from, to }: SourcePatch): string => {
  if (!source.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)} to break`);
  return source.replace(from, to);
};

/** For a service that shall run with these patches. */
export const patchedEnv = (patches: readonly SourcePatch[]): Record<string, string> => ({
  CHAOS_PATCHES: JSON.stringify(patches),
  NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'patch-sources.ts')).href}`,
});

const scriptFolder = join(repositoryDir, 'packages/core/src/jobs/scripts');

/** The store's scripts, changed, in a folder of their own. @returns the patch that has them used. */
export const patchScripts = async (dir: string, ...patches: SourcePatch[]): Promise<SourcePatch> => {
  const folder = join(dir, 'scripts');
  await cp(scriptFolder, folder, { recursive: true });
  for (const patch of patches) {
    const file = join(folder, patch.file);
    await writeFile(file, applyPatch(await readFile(file, 'utf8'), patch));
  }
  return {
    file: 'packages/core/src/jobs/job-scripts.ts',
    from: 'const scriptFolder = `${import.meta.dirname}/scripts`;',
    to: `const scriptFolder = ${JSON.stringify(folder)};`,
  };
};

/** `make image`: the images of all services, tagged with the version of package.json where TAG names no other. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadConfigOrExit } from '@factorial/core/config/load-config';
import { toError } from '@factorial/core/errors/to-error';
import { z } from 'zod';
import { buildImages } from './build-images.ts';

const settings = loadConfigOrExit(
  z.object({
    TAG: z
      .string()
      .regex(/^\w[\w.-]{0,127}$/, 'has to be letters, digits, "_", "." and "-"')
      .optional()
      .describe('tag of the images; the version where not set'),
    IMAGE_BUILD: z.string().optional().describe('command that builds an image; docker where not set'),
    KIND_CLUSTER: z.string().default('factorial').describe('the kind cluster that gets the images'),
  }),
  process.env,
);
const repositoryDir = resolve(import.meta.dirname, '../..');
const manifest: unknown = JSON.parse(await readFile(join(repositoryDir, 'package.json'), 'utf8'));
const { version } = z.object({ version: z.string() }).parse(manifest);

try {
  const images = await buildImages({
    repositoryDir,
    version,
    tag: settings.TAG ?? version,
    builder: settings.IMAGE_BUILD,
    kindCluster: settings.KIND_CLUSTER,
  });
  console.log(`built ${images.join(', ')}`);
} catch (error) {
  console.error(toError(error).message);
  process.exitCode = 1;
}

/**
 * Loaded before a service (`--import`): takes a guard out of its sources as they are read, as CHAOS_PATCHES says. The sources on
 * disk stay as they are, and no service has a switch that makes it unsafe.
 */
import { registerHooks } from 'node:module';
import { applyPatch, sourcePatchesSchema } from './source-patch.ts';

const patches = sourcePatchesSchema.parse(JSON.parse(process.env['CHAOS_PATCHES'] ?? '[]'));

const textOf = (source: string | ArrayBuffer | NodeJS.TypedArray): string =>
  typeof source === 'string' ? source : new TextDecoder().decode(source);

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    const wanted = patches.filter(({ file }) => url.endsWith(file));
    if (wanted.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
    return { ...loaded, source: wanted.reduce(applyPatch, textOf(loaded.source)) };
  },
});

/** Sees to a cluster and to the images in it, once for the whole run. */
import { ensureCluster } from './cluster/ensure-cluster.ts';
import { imageTag, removeRelease, repository } from './cluster/release.ts';
import { run } from './cluster/run.ts';

const buildMs = 900_000;

/** `SKIP_IMAGES=1` takes the images as they are; `KEEP=1` leaves the installation for a look at it. */
const setup = async (): Promise<() => Promise<void>> => {
  await ensureCluster();
  if (process.env['SKIP_IMAGES'] !== '1') {
    const onOutput = (text: string): boolean => process.stdout.write(text);
    await run('make', ['--silent', '-C', repository, 'image', `TAG=${imageTag}`], {
      timeoutMs: buildMs,
      onOutput,
    });
  }
  return async () => {
    if (process.env['KEEP'] !== '1') await removeRelease();
  };
};

export default setup;

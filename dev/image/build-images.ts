/** Builds the services' container images, and puts them where the cluster at hand finds them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const services = ['api', 'worker', 'scaler', 'janitor'] as const;

export interface ImageOptions {
  repositoryDir: string;
  tag: string;
  /** Goes into the images' labels. */
  version: string;
  /** Called by a shell as `<command> IMAGE FOLDER --build-arg …`; has to make the image known to the cluster, too. Docker where absent. */
  builder?: string | undefined;
  /** A kind cluster of this name, if there is one, gets what Docker has built. */
  kindCluster: string;
}

const imageOf = (service: string, tag: string): string => `factorial-${service}:${tag}`;

type Command = readonly [string, ...string[]];

/** @returns whether it ended with 0; false when there is no such program. */
const succeeds = async ([program, ...args]: Command): Promise<boolean> => {
  const child = spawn(program, args, { stdio: 'ignore' });
  const [code] = await once(child, 'exit').catch(() => [1]);
  return code === 0;
};

/** Shows what the program says. @throws when it fails. */
const run = async ([program, ...args]: Command): Promise<void> => {
  const [code] = await once(spawn(program, args, { stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Error(`${[program, ...args].join(' ')} failed`);
};

/** Where kind is not installed there is none. */
const hasKindCluster = async (name: string): Promise<boolean> =>
  succeeds(['sh', '-c', 'kind get clusters | grep --quiet --line-regexp "$0"', name]);

const noBuilder =
  'Nothing here builds container images: start Docker, or name what does it by IMAGE_BUILD, a command that is called as ' +
  '`$IMAGE_BUILD IMAGE FOLDER --build-arg …`';

const withDocker = async (image: string, args: readonly string[], options: ImageOptions): Promise<void> => {
  const { repositoryDir, kindCluster } = options;
  await run(['docker', 'build', '--tag', image, ...args, repositoryDir]);
  if (await hasKindCluster(kindCluster))
    await run(['kind', 'load', 'docker-image', '--name', kindCluster, image]);
};

/** One after the other: they share the stage that compiles. @throws when there is no builder, and when one fails. @returns their names. */
export const buildImages = async (options: ImageOptions): Promise<string[]> => {
  const { builder, repositoryDir, tag, version } = options;
  if (builder === undefined && !(await succeeds(['docker', 'version']))) throw new Error(noBuilder);
  const images: string[] = [];
  for (const service of services) {
    const image = imageOf(service, tag);
    const args = ['--build-arg', `SERVICE=${service}`, '--build-arg', `VERSION=${version}`];
    if (builder === undefined) await withDocker(image, args, options);
    else await run(['sh', '-c', `${builder} "$@"`, 'sh', image, repositoryDir, ...args]);
    images.push(image);
  }
  return images;
};

/** Which system a load test goes to, and with whose token. */
import { refusalOf } from '../../loadtest/lib/target.ts';
import { readRunEnv } from '../run/run-env.ts';

export interface Target {
  baseUrl: string;
  token: string;
}

const notUp =
  'make run is not up: start it in another terminal, or name a system with BASE_URL and TOKEN (loadtest/README.md).';

/**
 * The notes of the chart export API_URL. A TOKEN alone is no target: it is left from something else, and the system of
 * `make run` has its own.
 */
const findTarget = async (env: NodeJS.ProcessEnv, localDir: string): Promise<Target> => {
  const baseUrl = env['BASE_URL'] || env['API_URL'];
  const token = env['TOKEN'];
  if (baseUrl && token) return { baseUrl, token };
  if (baseUrl) throw new Error(`${baseUrl} is to be loaded with a token of its own: set TOKEN.`);
  const run = await readRunEnv(localDir);
  if (!run) throw new Error(notUp);
  return { baseUrl: run.API_URL, token: run.TOKEN };
};

/**
 * @param localDir where `make run` tells scripts how to reach it.
 * @throws with one sentence when there is no target, or it is another machine and that is not allowed.
 */
export const chooseTarget = async (env: NodeJS.ProcessEnv, localDir: string): Promise<Target> => {
  const target = await findTarget(env, localDir);
  const refusal = refusalOf(target.baseUrl, env['ALLOW_REMOTE'] === 'true');
  if (refusal !== undefined) throw new Error(refusal);
  return target;
};

/** Starts k6 with a scenario and waits for its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requireTask } from '../run/require-task.ts';
import { chooseTarget, type Target } from './choose-target.ts';
import { findK6, type K6 } from './find-k6.ts';
import { settingNames } from './setting-names.ts';

export interface RunScenarioOptions {
  repositoryDir: string;
  /** SCENARIO and the settings of loadtest/README.md. */
  env: NodeJS.ProcessEnv;
  /** Prints a line for the person at the terminal. */
  say: (line: string) => void;
}

const chooseScenario = async (repositoryDir: string, asked = 'smoke'): Promise<string> => {
  const files = await readdir(join(repositoryDir, 'loadtest/scenarios'));
  const names = files.map((file) => file.replace(/\.ts$/, '')).sort();
  if (names.includes(asked)) return asked;
  throw new Error(`SCENARIO=${asked}: there are ${names.join(', ')}.`);
};

/** The token goes by the environment: a command line can be read by everyone on the machine. */
const environment = (env: NodeJS.ProcessEnv, target: Target, summaryFile: string): NodeJS.ProcessEnv => ({
  ...env,
  BASE_URL: target.baseUrl,
  TOKEN: target.token,
  SUMMARY_FILE: summaryFile,
  K6_NO_USAGE_REPORT: 'true',
});

const containerArguments = (repositoryDir: string, image: string): string[] => {
  const user = `--user=${process.getuid?.() ?? 0}`;
  const scripts = `--volume=${repositoryDir}/loadtest:/factorial/loadtest:ro`;
  const figures = `--volume=${repositoryDir}/.local/loadtest:/factorial/.local/loadtest`;
  const settings = [...settingNames, 'K6_NO_USAGE_REPORT'].map((name) => `--env=${name}`);
  return [
    'run',
    '--rm',
    '--network=host',
    '--workdir=/factorial',
    user,
    scripts,
    figures,
    ...settings,
    image,
  ];
};

const start = (k6: K6, { repositoryDir, ...rest }: RunScenarioOptions, script: string): ChildProcess => {
  // No control port: runs beside each other would fight for it.
  const own = ['run', '--address=', script];
  const [command, args] =
    k6.kind === 'program'
      ? [k6.command, own]
      : ['docker', [...containerArguments(repositoryDir, k6.image), ...own]];
  return spawn(command, args, { cwd: repositoryDir, env: rest.env, stdio: ['ignore', 'inherit', 'inherit'] });
};

/** k6 has the Ctrl-C too, and tells in the end what there is to tell: this waits for it. */
const exitOf = async (child: ChildProcess): Promise<number> => {
  const leaveToK6 = (): void => undefined;
  const passOn = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', leaveToK6);
  process.on('SIGTERM', passOn);
  try {
    const [code] = await once(child, 'exit');
    return typeof code === 'number' ? code : 1;
  } finally {
    process.off('SIGINT', leaveToK6);
    process.off('SIGTERM', passOn);
  }
};

/**
 * @returns k6's exit code: 0 when everything held, 99 when a threshold did not.
 * @throws with one sentence when it cannot be started.
 */
export const runScenario = async (options: RunScenarioOptions): Promise<number> => {
  const { repositoryDir, env, say } = options;
  const localDir = join(repositoryDir, '.local');
  const scenario = await chooseScenario(repositoryDir, env['SCENARIO'] || undefined);
  const target = await chooseTarget(env, localDir);
  await requireTask({ apiUrl: target.baseUrl, token: target.token, task: 'factorial' });
  const k6 = await findK6({ path: env['PATH'] ?? '', binDir: join(localDir, 'bin'), say });
  await mkdir(join(localDir, 'loadtest'), { recursive: true, mode: 0o700 });
  const summaryFile = `.local/loadtest/${scenario}.json`;
  const k6Env = environment(env, target, summaryFile);
  const code = await exitOf(start(k6, { ...options, env: k6Env }, `loadtest/scenarios/${scenario}.ts`));
  say(`figures: ${summaryFile}`);
  return code;
};

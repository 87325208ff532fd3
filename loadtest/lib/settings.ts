/** What a run can be told by its environment, with every mistake named at once. */
import { refusalOf } from './target.ts';

export interface Settings {
  baseUrl: string;
  token: string;
  /** Where the figures go as JSON; empty: nowhere. */
  summaryFile: string;
  users: number;
  /** Jobs that each user submits, one after the other. */
  iterations: number;
  nMin: number;
  nMax: number;
  /** The users come one by one within this time. */
  arriveSeconds: number;
  /** A user's pause between two looks at the same job. */
  lookSeconds: number;
  /** A user's pause between two jobs. */
  thinkSeconds: number;
  /** How long a user goes on trying to submit. */
  submitWithinSeconds: number;
  /** A job that is not done after this time counts as lost. */
  resultWithinSeconds: number;
  submitP95Ms: number;
  /** Answers that are neither right nor back-pressure, and broken connections. */
  maxErrors: number;
}

/** What scenarios differ in where nothing is set. */
export type Defaults = Pick<
  Settings,
  'users' | 'arriveSeconds' | 'lookSeconds' | 'submitWithinSeconds' | 'resultWithinSeconds'
>;

type Env = Readonly<Record<string, string | undefined>>;

const mostUsers = 5_000;
/** The right results are worked out in k6 with a plain loop: beyond this it takes too long. */
const largestN = 200_000;

const flag = /^(true|false)$/;

const createReader = (env: Env) => {
  const mistakes: string[] = [];
  const required = (name: string, hint: string): string => {
    const text = env[name] ?? '';
    if (text === '') mistakes.push(`${name}: is missing (${hint})`);
    return text;
  };
  const whole = (name: string, fallback: number, [min, max]: readonly [number, number]): number => {
    const text = env[name] ?? '';
    if (text === '') return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max))
      mistakes.push(`${name}: has to be a whole number from ${min} to ${max}`);
    return value;
  };
  const yes = (name: string): boolean => {
    const text = env[name] ?? '';
    if (text !== '' && !flag.test(text)) mistakes.push(`${name}: has to be true or false`);
    return text === 'true';
  };
  return { mistakes, required, whole, yes };
};

const hour = 3_600;

/** @throws with all mistakes at once; also when the target is another machine and ALLOW_REMOTE is not true. */
export const readSettings = (env: Env, defaults: Defaults): Settings => {
  const { mistakes, required, whole, yes } = createReader(env);
  const settings: Settings = {
    baseUrl: required('BASE_URL', "the api's public port, as http://127.0.0.1:8080").replace(/\/+$/, ''),
    token: required('TOKEN', 'of a client, with the scopes jobs:read and jobs:write'),
    summaryFile: env['SUMMARY_FILE'] ?? '',
    users: whole('USERS', defaults.users, [1, mostUsers]),
    iterations: whole('ITERATIONS', 1, [1, 1_000]),
    nMin: whole('N_MIN', 1_000, [0, largestN]),
    nMax: whole('N_MAX', 5_000, [0, largestN]),
    arriveSeconds: whole('ARRIVE_SECONDS', defaults.arriveSeconds, [0, hour]),
    lookSeconds: whole('LOOK_SECONDS', defaults.lookSeconds, [1, hour]),
    thinkSeconds: whole('THINK_SECONDS', 0, [0, hour]),
    submitWithinSeconds: whole('SUBMIT_WITHIN_SECONDS', defaults.submitWithinSeconds, [1, hour]),
    resultWithinSeconds: whole('RESULT_WITHIN_SECONDS', defaults.resultWithinSeconds, [1, hour]),
    submitP95Ms: whole('SUBMIT_P95_MS', 1_000, [1, 600_000]),
    maxErrors: whole('MAX_ERRORS', 0, [0, 1_000_000]),
  };
  const refusal = refusalOf(settings.baseUrl, yes('ALLOW_REMOTE'));
  if (settings.baseUrl !== '' && refusal !== undefined) mistakes.push(refusal);
  if (settings.nMin > settings.nMax) mistakes.push('N_MIN: has to be N_MAX or less');
  if (mistakes.length > 0) throw new Error(`the settings are wrong:\n  ${mistakes.join('\n  ')}`);
  return settings;
};

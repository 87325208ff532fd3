/** Looks at everything from the outside in; what needs something that is amiss is left out. */
import type { JobSubmission, Task } from '../../api-types.ts';
import type { FactorialClient } from '../../client.ts';
import { createClient } from '../../create-client.ts';
import { FactorialError } from '../../errors.ts';
import type { Settings } from '../session.ts';
import { type Answered, askApi } from './ask-api.ts';
import { fault, type Finding, skipped } from './finding.ts';
import { judgeApi } from './judge-api.ts';
import { judgeBroker } from './judge-broker.ts';
import { judgePools, judgeTasks } from './judge-queue.ts';
import { judgeRun } from './judge-run.ts';
import { judgeAnswer, judgeText } from './judge-token.ts';

export interface ExamineOptions {
  settings: Settings;
  signal: AbortSignal;
  /** Ms since the epoch. */
  now: () => number;
  /** A job to try; undefined: none. */
  trial: { submission: JobSubmission; timeoutMs: number } | undefined;
}

/** A doctor does not wait for what will not come. */
const timeoutMs = 5_000;

interface Examination extends ExamineOptions {
  client: FactorialClient;
  /** By the api's clock. */
  serverNowMs: number;
}

const tokenFinding = async ({ settings, client, signal, serverNowMs }: Examination): Promise<Finding> => {
  const { token } = settings;
  const told = judgeText(token, serverNowMs);
  if (told !== undefined || token === undefined)
    return told ?? judgeText(undefined, serverNowMs) ?? skipped('token', '');
  try {
    for await (const _ of client.list({ pageSize: 1, signal })) break;
    return judgeAnswer(token, undefined);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof FactorialError)) throw error;
    return judgeAnswer(token, error);
  }
};

const lookFailed = (check: 'task' | 'queue', error: unknown): Finding => {
  if (!(error instanceof FactorialError)) throw error;
  if (error.status === 403) return skipped(check, 'It cannot be told with this token.');
  return fault(check, error.code, [
    `It cannot be told: ${error.message}`,
    'Look at the log of the api: it has the reason.',
  ]);
};

const poolFindings = async (
  { client, signal, serverNowMs }: Examination,
  tasks: readonly Task[],
): Promise<Finding[]> => {
  try {
    return judgePools(await client.queue({ signal }), tasks, serverNowMs);
  } catch (error) {
    signal.throwIfAborted();
    return [lookFailed('queue', error)];
  }
};

const taskFindings = async (examination: Examination): Promise<Finding[]> => {
  const { client, signal } = examination;
  try {
    const tasks = await client.tasks({ signal });
    return [judgeTasks(tasks), ...(await poolFindings(examination, tasks))];
  } catch (error) {
    signal.throwIfAborted();
    return [lookFailed('task', error)];
  }
};

const insideFindings = async (examination: Examination): Promise<Finding[]> => {
  const { client, signal, trial } = examination;
  const broker = await judgeBroker(client, signal);
  const findings = [...(broker === undefined ? [] : [broker]), ...(await taskFindings(examination))];
  return trial === undefined ? findings : [...findings, await judgeRun(client, { ...trial, signal })];
};

const aheadOf = (answered: Answered | undefined): number =>
  answered?.kind === 'ours' ? (answered.aheadMs ?? 0) : 0;

const isAmiss = ({ verdict }: Finding): boolean => verdict === 'fault';

/** @returns what was found, in the order in which one would mend it. */
export const examine = async (options: ExamineOptions): Promise<Finding[]> => {
  const { settings, signal, now } = options;
  const { apiUrl, token } = settings;
  const answered = apiUrl === undefined ? undefined : await askApi({ apiUrl, timeoutMs, signal, now });
  const outside = judgeApi(apiUrl, answered);
  if (answered?.kind !== 'ours' || apiUrl === undefined) {
    return [...outside, skipped('token', 'The rest cannot be told without the api.')];
  }
  const client = createClient({ baseUrl: apiUrl, token, retries: 0, timeoutMs });
  const examination = { ...options, client, serverNowMs: now() + aheadOf(answered) };
  const tokenFound = await tokenFinding(examination);
  const isUsable = !isAmiss(tokenFound) || tokenFound.code === 'scope-missing';
  const inside = isUsable
    ? await insideFindings(examination)
    : [skipped('queue', 'The rest cannot be told before that is mended.')];
  return [...outside, tokenFound, ...inside];
};

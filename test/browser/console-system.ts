/** The system that the console is tested with: a scaler that soon adds workers, and a task with something to see. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { startSystem, type System } from '../../dev/system/start-system.ts';
import { ensureConsole } from '../../dev/console/ensure-console.ts';

const repositoryDir = resolve(import.meta.dirname, '../..');

const taskFolders = [
  join(repositoryDir, 'services/worker/src/tasks/factorial'),
  join(import.meta.dirname, 'story-task'),
];

const pools = [
  {
    name: 'factorial',
    minWorkers: 1,
    maxWorkers: 3,
    targetWaitSeconds: 2,
    downWindowSeconds: 5,
    assumedServiceSeconds: 2,
  },
];

/** A job to watch. */
export const story = (about: string, input: object) => ({ task: 'story', input: { about, ...input } });

/** Messages that nobody can work on. */
export const poison = ['no JSON at all', '{"request_id":7}', '{"version":2}'];

/** Submissions whose words are longer than any column. */
export const unwieldyJobs = (count: number): object[] =>
  Array.from({ length: count }, (_, n) => ({
    task: 'factorial',
    input: { n },
    labels: { abteilung: `Rindfleischetikettierungsüberwachung-${'ß'.repeat(100)}` },
  }));

export const startConsoleSystem = async (): Promise<System> => {
  await ensureConsole({ repositoryDir, say: console.info });
  return startSystem({
    workers: 0,
    scaler: true,
    apiEnv: {
      WEBHOOK_KEYS: randomBytes(32).toString('hex'),
      WEBHOOK_ALLOW_HTTP: 'true',
      WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8',
    },
    workerEnv: { TASKS: taskFolders.join(',') },
    scalerEnv: { POOLS: JSON.stringify(pools), TICK_SECONDS: '1' },
  });
};

/** `factorial ls`: the caller's jobs. */
import { type Command, Option } from 'commander';
import type { Job } from '../../api-types.ts';
import { label, wholeNumber } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { since } from '../durations.ts';
import { oneLine } from '../one-line.ts';
import { openSession } from '../session.ts';
import { toTable } from '../table.ts';

interface Options {
  status?: Job['status'];
  task?: string;
  label?: Record<string, string>;
  limit: number;
}

const examples = `
Examples:
  factorial ls
  factorial ls --status failed --limit 100
  factorial ls --label order=17 --json       one job a line`;

const howFar = ({ status, position, progress, error, outputBytes }: Job): string => {
  if (status === 'queued') return position === undefined ? '' : `${position} ahead`;
  if (status === 'processing')
    return `${Math.round((progress?.value ?? 0) * 100)} % ${oneLine(progress?.message ?? '')}`;
  if (status === 'done') return `${outputBytes ?? 0} bytes`;
  return error === undefined ? '' : oneLine(`${error.code}: ${error.message}`).slice(0, 60);
};

const tableOf = (jobs: readonly Job[], nowMs: number): string =>
  toTable([
    ['ID', 'TASK', 'STATUS', 'ATTEMPT', 'AGE', ''],
    ...jobs.map((job) => [
      job.id,
      job.task,
      job.status,
      `${job.attempt}/${job.maxAttempts}`,
      since(job.createdAt, nowMs),
      howFar(job),
    ]),
  ]);

export const addLs = (program: Command, cli: Cli): void => {
  program
    .command('ls')
    .summary('list your jobs')
    .description('Lists your jobs, newest first.')
    .addOption(
      new Option('-s, --status <state>', 'only those in this state').choices([
        'queued',
        'processing',
        'done',
        'failed',
        'cancelled',
      ]),
    )
    .option('-t, --task <name>', 'only those of this task')
    .option('-l, --label <key=value>', 'only those with this label; may come several times', label)
    .option('-n, --limit <count>', 'as many as this', wholeNumber, 20)
    .addHelpText('after', examples)
    .action(async ({ status, task, label: labels, limit }: Options, command: Command) => {
      const { client, json, say } = openSession(cli, command);
      const jobs: Job[] = [];
      if (limit === 0) return;
      const pageSize = Math.min(limit, 200);
      for await (const job of client.list({ status, task, labels, pageSize, signal: cli.signal })) {
        jobs.push(job);
        if (jobs.length === limit) break;
      }
      if (json) for (const job of jobs) say(JSON.stringify(job));
      else say(jobs.length === 0 ? 'no jobs' : tableOf(jobs, cli.now()));
    });
};

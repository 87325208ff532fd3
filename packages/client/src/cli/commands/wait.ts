/** `factorial wait`: waits for jobs that were submitted. */
import type { Command } from 'commander';
import type { Job } from '../../api-types.ts';
import { JobFailedError } from '../../errors.ts';
import { seconds, toMs } from '../arguments.ts';
import { awaitJob } from '../await-job.ts';
import type { Cli } from '../cli.ts';
import { inWords } from '../durations.ts';
import { openSession } from '../session.ts';

const examples = `
Examples:
  factorial wait 0b9c4f3e-…              exit code 0 when it is done, 1 when it failed
  factorial wait 0b9c4f3e-… --timeout 60
  factorial wait $(factorial ls --status processing --json | jq -r .id)`;

const summaryOf = ({ id, status, createdAt, finishedAt, error }: Job): string => {
  const tookMs = Date.parse(finishedAt ?? createdAt) - Date.parse(createdAt);
  return `${id}  ${status} after ${inWords(tookMs / 1_000)}${error === undefined ? '' : `  ${error.code}: ${error.message}`}`;
};

export const addWait = (program: Command, cli: Cli): void => {
  program
    .command('wait')
    .summary('wait until jobs have ended')
    .description('Waits until the jobs have ended, showing their progress on a terminal.')
    .argument('<id...>', "the jobs' ids")
    .option('--timeout <seconds>', 'wait no longer than this for each', seconds)
    .addHelpText('after', examples)
    .action(async (ids: string[], { timeout }: { timeout?: number }, command: Command) => {
      const session = openSession(cli, command);
      const failed: Job[] = [];
      for (const id of ids) {
        const found = await session.client.get(id, { signal: cli.signal });
        const job = await awaitJob(session, found, toMs(timeout));
        if (job === undefined) return;
        session.say(session.json ? JSON.stringify(job) : summaryOf(job));
        if (job.status !== 'done') failed.push(job);
      }
      if (failed[0] !== undefined) throw new JobFailedError(failed[0]);
    });
};

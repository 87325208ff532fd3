/** `factorial cancel`, `retry` and `rm`: what an owner does to jobs. */
import type { Command } from 'commander';
import type { Job } from '../../api-types.ts';
import type { Cli } from '../cli.ts';
import { openSession, type Session } from '../session.ts';

interface Change {
  name: string;
  summary: string;
  description: string;
  examples: string;
  /** @returns undefined where nothing of the job is left. */
  make: (session: Session, id: string) => Promise<Job | undefined>;
}

const changes: readonly Change[] = [
  {
    name: 'cancel',
    summary: 'stop jobs',
    description: 'Cancels jobs: queued ones at once, running ones within 3 s.',
    examples: `
Examples:
  factorial cancel 0b9c4f3e-…
  factorial cancel $(factorial ls --status queued --json | jq -r .id)`,
    make: async ({ client, cli }, id) => client.cancel(id, { signal: cli.signal }),
  },
  {
    name: 'retry',
    summary: 'run failed or cancelled jobs again',
    description: 'Runs failed or cancelled jobs again, under their ids.',
    examples: `
Examples:
  factorial retry 0b9c4f3e-…
  factorial retry 0b9c4f3e-… && factorial wait 0b9c4f3e-…`,
    make: async ({ client, cli }, id) => client.retry(id, { signal: cli.signal }),
  },
  {
    name: 'rm',
    summary: "delete ended jobs' data",
    description: "Deletes ended jobs' data now; their ids answer 410 from then on.",
    examples: `
Examples:
  factorial rm 0b9c4f3e-…`,
    make: async ({ client, cli }, id) => {
      await client.remove(id, { signal: cli.signal });
      return undefined;
    },
  },
];

const addChange = (
  program: Command,
  cli: Cli,
  { name, summary, description, examples, make }: Change,
): void => {
  program
    .command(name)
    .summary(summary)
    .description(description)
    .argument('<id...>', "the jobs' ids")
    .addHelpText('after', examples)
    .action(async (ids: string[], _options: object, command: Command) => {
      const session = openSession(cli, command);
      for (const id of ids) {
        const job = await make(session, id);
        const status = job?.status ?? 'deleted';
        session.say(session.json ? JSON.stringify(job ?? { id, status }) : `${id}  ${status}`);
      }
    });
};

export const addChanges = (program: Command, cli: Cli): void => {
  for (const change of changes) addChange(program, cli, change);
};

/** `factorial dead-letters`: messages that nobody could work on, for tokens with the scope `admin`. */
import type { Command } from 'commander';
import type { DeadLetterSelection } from '../../api-types.ts';
import type { DeadLetter } from '../../dead-letters.ts';
import type { Cli } from '../cli.ts';
import { since } from '../durations.ts';
import { oneLine } from '../one-line.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { openSession } from '../session.ts';
import { toTable } from '../table.ts';

const tableOf = (letters: readonly DeadLetter[], nowMs: number): string =>
  toTable([
    ['ID', 'POOL', 'AGE', 'REASON', 'JOB', ''],
    ...letters.map(({ id, pool, deadAt, reason, jobId, detail }) => [
      id,
      pool,
      deadAt === undefined ? '' : since(deadAt, nowMs),
      reason,
      jobId ?? '',
      oneLine(detail).slice(0, 60),
    ]),
  ]);

const addList = (parent: Command, cli: Cli): void => {
  parent
    .command('ls')
    .description('Lists them, the oldest first.')
    .option('--pool <name>', 'only those of this pool')
    .addHelpText('after', '\nExamples:\n  TOKEN=$ADMIN_TOKEN factorial dead-letters ls')
    .action(async ({ pool }: { pool?: string }, command: Command) => {
      const { client, json, say } = openSession(cli, command);
      const letters: DeadLetter[] = [];
      for await (const letter of client.deadLetters.list({ pool, signal: cli.signal })) letters.push(letter);
      if (json) for (const letter of letters) say(JSON.stringify(letter));
      else say(letters.length === 0 ? 'no dead letters' : tableOf(letters, cli.now()));
    });
};

interface Choice {
  all?: boolean;
  pool?: string;
}

const selectionOf = (ids: string[], { all, pool }: Choice): DeadLetterSelection => {
  if ((all === true) === ids.length > 0) throw new UsageError('Give ids, or --all.');
  if (ids.length > 0) return { ids };
  return { all: true, ...(pool === undefined ? {} : { pool }) };
};

/** Both take ids or `--all`. */
const addChoosing = (parent: Command, name: string, description: string): Command =>
  parent
    .command(name)
    .description(description)
    .argument('[id...]', "the letters' ids")
    .option('--all', 'all there are')
    .option('--pool <name>', 'with --all: of this pool')
    .addHelpText(
      'after',
      `\nExamples:\n  factorial dead-letters ${name} --all\n  factorial dead-letters ${name} 17-0`,
    );

const addRedrive = (parent: Command, cli: Cli): void => {
  addChoosing(parent, 'redrive', "Puts them into their pools' queues again.").action(
    async (ids: string[], choice: Choice, command: Command) => {
      const { client, json, say } = openSession(cli, command);
      const result = await client.deadLetters.redrive(selectionOf(ids, choice), { signal: cli.signal });
      if (json) say(JSON.stringify(result));
      else
        say(
          [`${result.redriven} sent back`, ...result.left.map(({ id, why }) => `${id} stays: ${why}`)].join(
            '\n',
          ),
        );
      if (result.left.length > 0) cli.exitCode = exitCodes.jobFailed;
    },
  );
};

const addPurge = (parent: Command, cli: Cli): void => {
  addChoosing(parent, 'purge', 'Throws them away.').action(
    async (ids: string[], choice: Choice, command: Command) => {
      const { client, json, say } = openSession(cli, command);
      const result = await client.deadLetters.purge(selectionOf(ids, choice), { signal: cli.signal });
      say(json ? JSON.stringify(result) : `${result.purged} thrown away`);
    },
  );
};

export const addDeadLetters = (program: Command, cli: Cli): void => {
  const parent = program
    .command('dead-letters')
    .summary('messages that nobody could work on (admin)')
    .description('Messages that nobody could work on. The token needs the scope admin.');
  addList(parent, cli);
  addRedrive(parent, cli);
  addPurge(parent, cli);
};

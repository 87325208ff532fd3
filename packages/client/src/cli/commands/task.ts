/** `factorial task`: what can be asked for. */
import type { Command } from 'commander';
import type { Task } from '../../api-types.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { openSession } from '../session.ts';
import { toTable } from '../table.ts';

const tableOf = (tasks: readonly Task[]): string =>
  toTable([
    ['NAME', 'VERSION', 'POOL', 'OUTPUT', ''],
    ...tasks.map(({ name, version, pool, output, title, description }) => [
      name,
      version,
      pool,
      output.mediaType,
      (title ?? description ?? '').split('\n', 1)[0] ?? '',
    ]),
  ]);

const pageOf = ({ name, version, pool, title, description, input, output, limits }: Task): string =>
  [
    `${name} ${version}, pool ${pool}${title === undefined ? '' : `: ${title}`}`,
    ...(description === undefined ? [] : [description]),
    `output   ${output.mediaType}`,
    `limits   ${limits.runTimeoutSeconds} s a run, ${limits.queueTimeoutSeconds} s in the queue, ` +
      `${limits.maxAttempts} attempts, ${limits.memoryMiB} MiB`,
    'input',
    JSON.stringify(input, undefined, 2),
  ].join('\n');

const addList = (task: Command, cli: Cli): void => {
  task
    .command('ls')
    .description('Lists the tasks there are.')
    .addHelpText('after', '\nExamples:\n  factorial task ls\n  factorial task ls --json')
    .action(async (_options: object, command: Command) => {
      const { client, json, say } = openSession(cli, command);
      const tasks = await client.tasks({ signal: cli.signal });
      if (json) for (const one of tasks) say(JSON.stringify(one));
      else say(tasks.length === 0 ? 'no worker has announced a task yet' : tableOf(tasks));
    });
};

const addShow = (task: Command, cli: Cli): void => {
  task
    .command('show')
    .description("Shows a task's input as JSON Schema, its output and its limits.")
    .argument('<name>', "the task's name")
    .addHelpText(
      'after',
      '\nExamples:\n  factorial task show factorial\n  factorial task show factorial --json | jq .input',
    )
    .action(async (name: string, _options: object, command: Command) => {
      const { client, json, say, tell } = openSession(cli, command);
      const tasks = await client.tasks({ signal: cli.signal });
      const found = tasks.find((one) => one.name === name);
      if (found === undefined) {
        tell(`There is no task of the name ${name}; there are: ${tasks.map((one) => one.name).join(', ')}`);
        cli.exitCode = exitCodes.notFound;
        return;
      }
      say(json ? JSON.stringify(found) : pageOf(found));
    });
};

export const addTask = (program: Command, cli: Cli): void => {
  const task = program
    .command('task')
    .summary('show the tasks there are')
    .description('What can be asked for.');
  addList(task, cli);
  addShow(task, cli);
};

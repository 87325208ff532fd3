/** `factorial result`: a done job's output. */
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { openSession } from '../session.ts';
import { writeOutput } from '../write-output.ts';

const examples = `
Examples:
  factorial result 0b9c4f3e-… | head -c 40
  factorial result 0b9c4f3e-… -o digits.txt
  factorial result 0b9c4f3e-… --json       the whole job; a large output is linked to`;

export const addResult = (program: Command, cli: Cli): void => {
  program
    .command('result')
    .summary("write a done job's output")
    .description("Writes a done job's output to stdout or a file, byte for byte.")
    .argument('<id>', "the job's id")
    .option('-o, --output <file>', 'write it there')
    .addHelpText('after', examples)
    .action(async (id: string, { output }: { output?: string }, command: Command) => {
      const session = openSession(cli, command);
      if (session.json) session.say(JSON.stringify(await session.client.get(id, { signal: cli.signal })));
      if (!session.json || output !== undefined) await writeOutput(session, id, output);
    });
};

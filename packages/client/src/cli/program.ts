/** The command line as a whole: one line for each command. */
import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { addChanges } from './commands/change.ts';
import { addCompletion } from './commands/completion.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addDoctor } from './commands/doctor.ts';
import { addLogs } from './commands/logs.ts';
import { addLs } from './commands/ls.ts';
import { addQueue } from './commands/queue.ts';
import { addResult } from './commands/result.ts';
import { addSubmit } from './commands/submit.ts';
import { addTask } from './commands/task.ts';
import { addToken } from './commands/token.ts';
import { addWait } from './commands/wait.ts';
import { exitCodesHelp } from './exit-codes.ts';

/** In the order of the help. */
const commands = [
  addSubmit,
  addWait,
  addResult,
  addLs,
  addLogs,
  addChanges,
  addTask,
  addQueue,
  addDeadLetters,
  addToken,
  addDoctor,
  addCompletion,
];

const examples = `
Examples:
  set -a; . .local/run.env; set +a                          API_URL and TOKEN of \`make run\`
  factorial doctor                                          is all well?
  factorial submit factorial n=150000 --wait -o digits.txt

${exitCodesHelp}

NO_COLOR=1 takes colours away. Progress is shown on terminals only, on stderr.`;

export const createProgram = (cli: Cli, version: string): Command => {
  const program = new Command('factorial')
    .description('Slow work behind a web API: submit jobs, wait for them, bring their results.')
    .version(version)
    .option('--api-url <url>', 'where the api answers; default: API_URL')
    .option('--token <token>', 'a token; default: TOKEN, where others on this machine do not see it')
    .option('--json', 'print JSON, for programs; lists are one object a line')
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void cli.stdout.write(text),
      writeErr: (text) => void cli.stderr.write(text),
    })
    .showHelpAfterError('`factorial --help`, or --help behind a command, says more.');
  for (const add of commands) add(program, cli);
  return program;
};

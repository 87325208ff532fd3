/** `factorial doctor`: looks at everything that has to be well for a job to come back, and says what to mend. */
import type { Command } from 'commander';
import { seconds } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { examine } from '../doctor/examine.ts';
import type { Finding, Verdict } from '../doctor/finding.ts';
import { exitCodes } from '../exit-codes.ts';
import { forTerminal } from '../for-terminal.ts';
import { type Colour, createPaint, type Paint } from '../paint.ts';
import { readInput } from '../read-input.ts';
import { type GlobalOptions, settingsOf } from '../session.ts';

interface Options {
  run?: boolean;
  task: string;
  input: string;
  timeout: number;
}

const examples = `
Examples:
  factorial doctor
  factorial doctor --run                                      also submits a job and waits for it
  factorial doctor --run --task shout --input '{"text":"x"}'
  factorial doctor --json | jq '.findings[] | select(.verdict == "fault")'

Exit code: 0 when nothing is amiss (warnings are told only), 3 the api, 4 the token, 1 anything else.`;

const looks: Readonly<Record<Verdict, readonly [string, Colour]>> = {
  ok: ['ok', 'green'],
  warning: ['warn', 'yellow'],
  fault: ['FAULT', 'red'],
  skipped: ['-', 'dim'],
};

const lineOf = ({ check, verdict, says, mend }: Finding, paint: Paint): string => {
  const [word, colour] = looks[verdict];
  const line = `${paint(word.padEnd(5), colour)}  ${check.padEnd(6)}  ${says}`;
  return mend === undefined ? line : `${line}\n${' '.repeat(15)}→ ${mend}`;
};

const summaryOf = (findings: readonly Finding[]): string => {
  const count = (verdict: Verdict): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  const faults = count('fault');
  const warnings = count('warning');
  if (faults + warnings === 0) return 'all is well';
  return `${faults} ${faults === 1 ? 'fault' : 'faults'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
};

const exitCodeOf = (findings: readonly Finding[]): number => {
  const first = findings.find(({ verdict }) => verdict === 'fault');
  if (first === undefined) return exitCodes.ok;
  if (first.check === 'api') return exitCodes.unreachable;
  return first.check === 'token' ? exitCodes.unauthorized : exitCodes.jobFailed;
};

const trialOf = async (cli: Cli, { run, task, input, timeout }: Options) =>
  run === true
    ? { submission: { task, input: await readInput(cli, input, []) }, timeoutMs: timeout * 1_000 }
    : undefined;

export const addDoctor = (program: Command, cli: Cli): void => {
  program
    .command('doctor')
    .summary('look what is amiss, and say what to mend')
    .description(
      'Looks at the api, the clock, the token, the broker, tasks, queue, workers and scaler, and says what to mend.',
    )
    .option('--run', 'also submit a job, and wait for it')
    .option('--task <name>', 'with --run: of this task', 'factorial')
    .option('--input <json>', 'with --run: its input', '{"n":100}')
    .option('--timeout <seconds>', 'with --run: how long it may take', seconds, 30)
    .addHelpText('after', examples)
    .action(async (options: Options, command: Command) => {
      const global = command.optsWithGlobals<GlobalOptions>();
      const settings = settingsOf(cli, global);
      const { signal, now } = cli;
      const findings = await examine({ settings, signal, now, trial: await trialOf(cli, options) });
      const paint = createPaint(cli, cli.stdout);
      const text =
        global.json === true
          ? JSON.stringify({ findings })
          : [...findings.map((finding) => lineOf(finding, paint)), summaryOf(findings)].join('\n');
      cli.stdout.write(forTerminal(cli.stdout, `${text}\n`));
      cli.exitCode = exitCodeOf(findings);
    });
};

/** `factorial submit`: hands a job in, and with `--wait` brings its output. */
import { type Command, Option } from 'commander';
import type { Job, JobSubmission, Task } from '../../api-types.ts';
import { FactorialError, JobFailedError } from '../../errors.ts';
import { label, seconds, toMs, wholeNumber } from '../arguments.ts';
import { awaitJob } from '../await-job.ts';
import type { Cli } from '../cli.ts';
import { readInput } from '../read-input.ts';
import { openSession, type Session } from '../session.ts';
import { withTexts } from '../with-texts.ts';
import { writeOutput } from '../write-output.ts';

type WebhookEventName = NonNullable<NonNullable<JobSubmission['webhook']>['events']>[number];

interface Options {
  input?: string;
  wait?: boolean;
  output?: string;
  timeout?: number;
  priority?: NonNullable<JobSubmission['priority']>;
  label?: Record<string, string>;
  webhook?: string;
  webhookEvent?: WebhookEventName[];
  queueTimeout?: number;
  runTimeout?: number;
  ttl?: number;
  idempotencyKey?: string;
}

const examples = `
Examples:
  factorial submit factorial n=150000                     prints the job's id
  factorial submit factorial n=150000 --wait -o digits.txt
  factorial submit factorial --input '{"n": 1000}' --wait | wc -c
  factorial submit talk prompt=123 tries=2                a value is JSON where it can be; a text where the task takes no other
  factorial submit talk prompt='"true"'                   a text in any case
  echo '{"n": 1000}' | factorial submit factorial --input -
  factorial submit factorial n=9 --priority high --label order=17 --webhook https://example.com/hook`;

const webhookOf = ({ webhook, webhookEvent }: Options): Pick<JobSubmission, 'webhook'> =>
  webhook === undefined
    ? {}
    : { webhook: { url: webhook, ...(webhookEvent === undefined ? {} : { events: webhookEvent }) } };

/** What is not given is left to the api's own defaults. */
const submissionOf = (task: string, input: unknown, options: Options): JobSubmission => {
  const { priority, label: labels, queueTimeout, runTimeout, ttl } = options;
  return {
    task,
    input,
    ...(priority === undefined ? {} : { priority }),
    ...(labels === undefined ? {} : { labels }),
    ...(queueTimeout === undefined ? {} : { queueTimeoutSeconds: queueTimeout }),
    ...(runTimeout === undefined ? {} : { runTimeoutSeconds: runTimeout }),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    ...webhookOf(options),
  };
};

/** Refused as read, it is submitted once more where the task's schema says what was meant: who sends what fits is never kept waiting for it. */
const submit = async (
  { cli, client }: Session,
  submission: JobSubmission,
  { pairs, idempotencyKey }: { pairs: readonly string[]; idempotencyKey: string | undefined },
): Promise<Job> => {
  const options = { idempotencyKey, signal: cli.signal };
  try {
    return await client.submit(submission, options);
  } catch (error) {
    const isAboutInput = error instanceof FactorialError && error.code === 'invalid-input';
    if (!isAboutInput || pairs.length === 0) throw error;
    // Where that is not told, the refusal is what counts.
    const tasks = await client.tasks({ signal: cli.signal }).catch((): Task[] => []);
    const schema = tasks.find(({ name }) => name === submission.task)?.input ?? {};
    const input = withTexts(submission.input, pairs, schema);
    if (input === undefined) throw error;
    return client.submit({ ...submission, input }, options);
  }
};

const bringOutput = async (session: Session, submitted: Job, options: Options): Promise<void> => {
  const job = await awaitJob(session, submitted, toMs(options.timeout));
  if (job === undefined) return;
  if (session.json) session.say(JSON.stringify(job));
  if (job.status !== 'done') throw new JobFailedError(job);
  if (!session.json || options.output !== undefined) await writeOutput(session, job, options.output);
};

export const addSubmit = (program: Command, cli: Cli): void => {
  program
    .command('submit')
    .summary('submit a job; with --wait, bring its output')
    .description(
      'Submits a job and prints its id. With --wait, waits for its end and writes its output to stdout.',
    )
    .argument('<task>', 'name of the task (`factorial task ls`)')
    .argument(
      '[pairs...]',
      'the input as key=value, where it is a plain object; a value is JSON if it can be',
    )
    .option('-i, --input <json>', 'the input as JSON, @FILE, or - for stdin')
    .option('-w, --wait', 'wait for the end and write the output')
    .option('-o, --output <file>', 'with --wait: write the output there')
    .option('--timeout <seconds>', 'with --wait: wait no longer than this', seconds)
    .addOption(new Option('-p, --priority <level>', 'place in the queue').choices(['high', 'normal', 'low']))
    .option('-l, --label <key=value>', 'for finding it again; may come several times', label)
    .option('--webhook <url>', 'where to tell when it has ended')
    .addOption(
      new Option('--webhook-event <event...>', 'what to tell; default: the end, whichever it is').choices([
        'started',
        'done',
        'failed',
        'cancelled',
      ]),
    )
    .option('--queue-timeout <seconds>', 'longest wait in the queue', wholeNumber)
    .option('--run-timeout <seconds>', 'longest run', wholeNumber)
    .option('--ttl <seconds>', 'how long the finished job is kept', wholeNumber)
    .option('--idempotency-key <key>', 'the same key and input make one job, however often')
    .addHelpText('after', examples)
    .action(async (...[task, pairs, options, command]: [string, string[], Options, Command]) => {
      const session = openSession(cli, command);
      const submission = submissionOf(task, await readInput(cli, options.input, pairs), options);
      const { idempotencyKey } = options;
      const job = await submit(session, submission, { pairs, idempotencyKey });
      if (options.wait === true) await bringOutput(session, job, options);
      else session.say(session.json ? JSON.stringify(job) : job.id);
    });
};

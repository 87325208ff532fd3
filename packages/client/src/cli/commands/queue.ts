/** `factorial queue`: how the queue is doing, once or over and over. */
import type { Command } from 'commander';
import type { Queue } from '../../api-types.ts';
import { pause } from '../../transport/pause.ts';
import type { Cli } from '../cli.ts';
import { inWords, since } from '../durations.ts';
import { scalerInWords } from '../scaler-words.ts';
import { openSession, type Session } from '../session.ts';
import { toTable } from '../table.ts';

const examples = `
Examples:
  factorial queue
  factorial queue --watch        anew every 2 s, until Ctrl-C
  factorial queue --json`;

type Pool = Queue['pools'][number];

const scalerOf = ({ scaler }: Pool): string => (scaler === undefined ? 'silent' : scalerInWords(scaler));

const etaOf = ({ paused, pausedSince, etaSeconds }: Pool, nowMs: number): string => {
  if (paused) return `paused${pausedSince === undefined ? '' : ` for ${since(pausedSince, nowMs)}`}`;
  return etaSeconds === undefined ? '' : inWords(etaSeconds);
};

const tableOf = ({ pools }: Queue, nowMs: number): string =>
  toTable([
    ['POOL', 'WAIT', 'RUN', 'BUSY', 'IDLE', 'DRAINING', 'OLDEST', 'A JOB NOW', 'SCALER'],
    ...pools.map((pool) => [
      pool.pool,
      String(pool.ready),
      String(pool.inFlight),
      String(pool.workers.busy),
      String(pool.workers.idle),
      String(pool.workers.draining),
      inWords(pool.oldestWaitSeconds),
      etaOf(pool, nowMs),
      scalerOf(pool),
    ]),
  ]);

const watchPauseMs = 2_000;
const cleared = '\u001b[H\u001b[2J';

const show = async ({ cli, client, json, say }: Session): Promise<void> => {
  const queue = await client.queue({ signal: cli.signal });
  say(json ? JSON.stringify(queue) : tableOf(queue, cli.now()));
};

const watch = async (session: Session): Promise<void> => {
  const { cli, json } = session;
  try {
    for (;;) {
      if (cli.stdout.isTTY === true && !json) cli.stdout.write(cleared);
      await show(session);
      await pause(watchPauseMs, cli.signal);
    }
  } catch (error) {
    if (!cli.signal.aborted) throw error;
  }
};

export const addQueue = (program: Command, cli: Cli): void => {
  program
    .command('queue')
    .summary('show how the queue is doing')
    .description('Shows, pool by pool, who waits, who works, and what the scaler does and why.')
    .option('-w, --watch', 'go on until Ctrl-C')
    .addHelpText('after', examples)
    .action(async (options: { watch?: boolean }, command: Command) => {
      const session = openSession(cli, command);
      await (options.watch === true ? watch(session) : show(session));
    });
};

/** Waits for a job while showing how it goes; Ctrl-C ends the waiting, not the job. */
import type { Job } from '../api-types.ts';
import { isFinal } from '../jobs/job-ref.ts';
import { exitCodes } from './exit-codes.ts';
import { createProgressLine } from './progress-line.ts';
import type { Session } from './session.ts';

const hint = (id: string): string =>
  [
    'The job goes on.',
    `  factorial wait ${id}     waits for it again`,
    `  factorial result ${id}   writes its output, once it is done`,
    `  factorial cancel ${id}   stops it`,
  ].join('\n');

/** @param timeoutMs undefined: as long as it takes. @returns undefined where it was interrupted; then all is said. */
export const awaitJob = async (
  session: Session,
  submitted: Job,
  timeoutMs: number | undefined,
): Promise<Job | undefined> => {
  const { cli, client, tell } = session;
  const line = createProgressLine(session);
  line.job(submitted);
  try {
    if (isFinal(submitted)) return submitted;
    // Without a terminal nobody looks: then the way with the fewest requests is the better one.
    const onEvent = cli.stderr.isTTY === true && !session.json ? line.event : undefined;
    return await client.wait(submitted, { signal: cli.signal, timeoutMs, onEvent });
  } catch (error) {
    if (!cli.signal.aborted) throw error;
    line.clear();
    tell(hint(submitted.id));
    cli.exitCode = exitCodes.interrupted;
    return undefined;
  } finally {
    line.clear();
  }
};

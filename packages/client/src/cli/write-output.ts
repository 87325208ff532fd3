/** Brings a done job's output to stdout or into a file, however large it is. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { JobOutput } from '../jobs/job-output.ts';
import type { JobRef } from '../jobs/job-ref.ts';
import { UsageError } from './exit-codes.ts';
import type { Session } from './session.ts';

const isText = (mediaType: string): boolean => /^text\/|[/+](json|xml|javascript|x-ndjson)\b/.test(mediaType);

const toReadable = ({ stream }: JobOutput): Readable => Readable.fromWeb(stream as NodeStream);

/** Under another name until it is whole: a file that is there is complete. */
const toFile = async (output: JobOutput, file: string): Promise<void> => {
  const part = `${file}.part`;
  try {
    await pipeline(toReadable(output), createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
};

const toStdout = async ({ cli }: Session, output: JobOutput): Promise<void> => {
  const { stdout, signal } = cli;
  if (stdout.isTTY === true && !isText(output.mediaType)) {
    await output.stream.cancel();
    throw new UsageError(`The output is ${output.mediaType}: give -o FILE, or send it on.`);
  }
  await pipeline(toReadable(output), stdout, { end: false, signal });
  if (stdout.isTTY === true) stdout.write('\n');
};

/** @param file undefined or `-`: stdout. */
export const writeOutput = async (session: Session, job: JobRef, file: string | undefined): Promise<void> => {
  const output = await session.client.output(job, { signal: session.cli.signal });
  if (file === undefined || file === '-') await toStdout(session, output);
  else await toFile(output, file);
};

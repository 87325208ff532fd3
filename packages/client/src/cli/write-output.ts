/** Brings a done job's output to stdout or into a file, however large it is. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { JobOutput } from '../jobs/job-output.ts';
import type { JobRef } from '../jobs/job-ref.ts';
import { UsageError } from './exit-codes.ts';
import { createTerminalFilter } from './for-terminal.ts';
import type { Session } from './session.ts';

const isText = (mediaType: string): boolean => /^text\/|[/+](json|xml|javascript|x-ndjson)\b/.test(mediaType);

const toReadable = ({ stream }: JobOutput): Readable => Readable.fromWeb(stream as NodeStream);

/** A pipe or a device is written to, and not replaced by a file. */
const isSpecial = async (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => !found.isFile(),
    () => false,
  );

/**
 * Under another name until it is whole: a file that is there is complete. A name that nobody can know before, and that is taken by
 * nobody: in a folder that others write to, it might be a link of theirs.
 */
const toFile = async (output: JobOutput, file: string): Promise<void> => {
  if (await isSpecial(file)) {
    await pipeline(toReadable(output), createWriteStream(file));
    return;
  }
  const part = `${file}.${randomUUID().slice(0, 8)}.part`;
  try {
    await pipeline(toReadable(output), createWriteStream(part, { flags: 'wx' }));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
};

const newline = 0x0a;

const toStdout = async ({ cli }: Session, output: JobOutput): Promise<void> => {
  const { stdout, signal } = cli;
  if (stdout.isTTY === true && !isText(output.mediaType)) {
    await output.stream.cancel();
    throw new UsageError(`The output is ${output.mediaType}: give -o FILE, or send it on.`);
  }
  const ending = { end: false, signal };
  if (stdout.isTTY !== true) {
    await pipeline(toReadable(output), stdout, ending);
    return;
  }
  let lastByte: number | undefined;
  const shown = createTerminalFilter().on('data', (piece: Buffer) => {
    lastByte = piece.at(-1);
  });
  await pipeline(toReadable(output), shown, stdout, ending);
  // The prompt begins a line of its own.
  if (lastByte !== undefined && lastByte !== newline) stdout.write('\n');
};

/** @param file undefined or `-`: stdout. */
export const writeOutput = async (session: Session, job: JobRef, file: string | undefined): Promise<void> => {
  const output = await session.client.output(job, { signal: session.cli.signal });
  if (file === undefined || file === '-') await toStdout(session, output);
  else await toFile(output, file);
};

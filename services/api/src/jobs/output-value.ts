/** A job's output as bytes, and as the value that stands in the job's JSON. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import type { JobOutputs } from '@factorial/core/jobs/job-store';
import { isJsonMediaType, isTextMediaType } from '@factorial/core/jobs/output-bytes';

const inflate = promisify(gunzip);

/** The bytes before compression. */
export const identityBytes = async (job: JobRecord, stored: Buffer): Promise<Buffer> =>
  job.outputEncoding === 'gzip' ? inflate(stored) : stored;

/** Whether the output can stand in JSON as it is. */
export const isInlineable = (job: JobRecord): boolean => {
  const mediaType = job.outputMediaType ?? '';
  return isJsonMediaType(mediaType) || isTextMediaType(mediaType);
};

/** A worker may have called something JSON that is none: then its bytes are there to be fetched, and nothing else. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** JSON as a value, text as a string; undefined when there is no output or it is neither. */
export const readOutputValue = async (outputs: JobOutputs, job: JobRecord): Promise<unknown> => {
  if (job.status !== 'done' || !isInlineable(job)) return undefined;
  const stored = await outputs.read(job.id);
  if (stored === undefined) return undefined;
  const text = (await identityBytes(job, stored)).toString('utf8');
  return isJsonMediaType(job.outputMediaType ?? '') ? parsed(text) : text;
};

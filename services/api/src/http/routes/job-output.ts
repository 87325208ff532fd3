/** GET /v1/jobs/{id}/output: the bytes, compressed as they are stored where the client takes that, in part where it asks for a part. */
import { AppError } from '@factorial/core/errors/app-error';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import type { Request, Response } from 'express';
import type { JobService } from '../../jobs/job-service.ts';
import { identityBytes } from '../../jobs/output-value.ts';
import type { Exchange, GuardedExchange, GuardedRoute } from '../route.ts';
import { matchesEtag } from '../send-json.ts';
import { idParameter, jobIdOf } from './job.ts';

const headerSafe = /^[\x20-\x7e]+$/;

/** A done job's output never changes: its attempt names it. The stored form is another representation, with a tag of its own. */
const etagOf = (job: JobRecord, encoded: boolean): string =>
  `"${job.id}.${job.attempt}${encoded ? '.gzip' : ''}"`;

const acceptsGzip = (req: Request): boolean => {
  const offers = (req.headers['accept-encoding'] ?? '').toLowerCase().split(',');
  return offers.some((offer) => /^\s*(x-)?gzip\s*(;\s*q=(1|0?\.\d*[1-9]\d*).*)?$/.test(offer));
};

const describe = (res: Response, job: JobRecord, etag: string): void => {
  const mediaType = job.outputMediaType ?? '';
  res.setHeader('content-type', headerSafe.test(mediaType) ? mediaType : 'application/octet-stream');
  res.setHeader('etag', etag);
  res.setHeader('vary', 'accept-encoding');
  res.setHeader('accept-ranges', 'bytes');
  res.setHeader('cache-control', 'private, no-cache');
};

const send = (res: Response, status: number, bytes: Buffer): void => {
  res.statusCode = status;
  res.setHeader('content-length', String(bytes.byteLength));
  res.end(bytes);
};

interface Part {
  start: number;
  end: number;
}

/** The one range asked for. Several, or an unintelligible one, mean the whole (RFC 9110 section 14.2 allows that). */
const partOf = ({ req, res }: Exchange, bytes: Buffer, etag: string): Part | undefined => {
  const condition = req.headers['if-range'];
  if (req.headers.range === undefined || (condition !== undefined && condition !== etag)) return undefined;
  const ranges = req.range(bytes.byteLength);
  if (ranges === -1) {
    res.setHeader('content-range', `bytes */${bytes.byteLength}`);
    throw new AppError('range-not-satisfiable', `The output has ${bytes.byteLength} bytes.`);
  }
  const [first, second] = Array.isArray(ranges) && ranges.type === 'bytes' ? ranges : [];
  return second === undefined ? first : undefined;
};

const sendIdentity = async ({ req, res }: Exchange, job: JobRecord, stored: Buffer): Promise<void> => {
  const bytes = await identityBytes(job, stored);
  const etag = etagOf(job, false);
  const part = partOf({ req, res }, bytes, etag);
  describe(res, job, etag);
  if (part === undefined) {
    send(res, 200, bytes);
    return;
  }
  res.setHeader('content-range', `bytes ${part.start}-${part.end}/${bytes.byteLength}`);
  send(res, 206, bytes.subarray(part.start, part.end + 1));
};

const requireDone = (job: JobRecord): void => {
  if (job.status === 'done') return;
  throw new AppError('output-not-ready', `The job is ${job.status}; only a done one has an output.`, {
    extensions: { jobStatus: job.status },
  });
};

const readOutput =
  (jobs: JobService) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const job = await jobs.find(caller, jobIdOf(req));
    requireDone(job);
    const asStored = job.outputEncoding === 'gzip' && acceptsGzip(req) && req.headers.range === undefined;
    if (matchesEtag(req, etagOf(job, asStored))) {
      describe(res, job, etagOf(job, asStored));
      res.removeHeader('content-type');
      res.statusCode = 304;
      res.end();
      return;
    }
    const stored = await jobs.outputs.read(job.id);
    if (stored === undefined) throw new AppError('job-expired', 'The output was deleted a moment ago.');
    if (!asStored) {
      await sendIdentity({ req, res }, job, stored);
      return;
    }
    describe(res, job, etagOf(job, true));
    res.setHeader('content-encoding', 'gzip');
    send(res, 200, stored);
  };

export const createJobOutputRoutes = (jobs: JobService): GuardedRoute[] => [
  {
    method: 'get',
    path: '/v1/jobs/:id/output',
    scope: 'jobs:read',
    handle: readOutput(jobs),
    doc: {
      summary: "A done job's output",
      parameters: [idParameter, { name: 'Range', in: 'header', description: 'One range of bytes.' }],
      responses: {
        200: { description: 'The bytes.', mediaType: '*/*', headers: ['ETag', 'Content-Encoding'] },
        206: { description: 'The range that was asked for.', mediaType: '*/*', headers: ['Content-Range'] },
        304: { description: 'Unchanged since the ETag of If-None-Match.' },
      },
    },
  },
];

/** A done job's output, as a stream or as a whole. */
import type { Call } from '../transport/call.ts';
import { watchedBody } from '../transport/watched-body.ts';
import { type JobRef, jobPath } from './job-ref.ts';
import type { RequestOptions } from './read-jobs.ts';

/** Its bytes can be taken once: as a stream, or by one of the methods. */
export interface JobOutput {
  mediaType: string;
  stream: ReadableStream<Uint8Array>;
  text: () => Promise<string>;
  /** @throws SyntaxError where it is no JSON. */
  json: () => Promise<unknown>;
  bytes: () => Promise<Uint8Array>;
}

const toStream = (pieces: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await pieces.return();
    },
  });

export interface OutputDeps {
  call: Call;
  /** Longest silence between two pieces, ms. */
  idleMs: number;
}

export const readJobOutput = async (
  { call, idleMs }: OutputDeps,
  job: JobRef,
  { signal }: RequestOptions = {},
): Promise<JobOutput> => {
  const request = { path: `${jobPath(job)}/output`, headers: { accept: '*/*' }, signal };
  const response = await call(request, async (answer) => answer);
  const stream = toStream(watchedBody(response, { idleMs, signal }));
  const whole = new Response(stream);
  return {
    mediaType: response.headers.get('content-type') ?? 'application/octet-stream',
    stream,
    text: async () => whole.text(),
    json: async () => JSON.parse(await whole.text()) as unknown,
    bytes: async () => new Uint8Array(await whole.arrayBuffer()),
  };
};

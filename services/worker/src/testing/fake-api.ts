/** The internal port as a worker sees it, over real HTTP, with jobs in memory: for tests of the worker alone. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import {
  type ClaimOutcome,
  claimsRequestSchema,
  type Heartbeat,
  type HeartbeatAnswer,
  heartbeatRequestSchema,
  type Outcome,
  type OutcomeAnswer,
  outcomesRequestSchema,
  progressRequestSchema,
  type ProgressUpdate,
} from '@factorial/core/internal/protocol';
import { taskDefinitionSchema } from '@factorial/core/tasks/task-definition';

export interface FakeJob {
  task: string;
  input: unknown;
  runTimeoutSeconds: number;
}

interface HeldJob extends FakeJob {
  attempt: number;
  isFinal: boolean;
}

export interface FakeApi {
  readonly url: string;
  readonly outcomes: Outcome[];
  readonly progress: ProgressUpdate[];
  readonly beats: Heartbeat[];
  readonly announced: string[];
  readonly uploads: Map<string, { body: Buffer; mediaType: string; attempt: string }>;
  /** Sizes of the batches of claims. */
  readonly claimBatches: number[];
  /** Nonces in the order they were asked with. */
  readonly nonces: string[];
  /** Workers that have said goodbye. */
  readonly left: string[];
  /** Requests without the right token. */
  unauthorized: () => number;
  add(id: string, job: Partial<FakeJob>): void;
  /** The next claims of this job are answered so. */
  answerClaim(id: string, ...answers: ClaimOutcome[]): void;
  /** Every beat is answered so. */
  answerBeats(answer: Partial<HeartbeatAnswer>): void;
  /** The next requests are answered with this status, as many as said. */
  fail(path: string, status: number, times: number): void;
  outcomeOf(id: string): Outcome | undefined;
  close(): Promise<void>;
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

export const startFakeApi = async (): Promise<FakeApi> => {
  const jobs = new Map<string, HeldJob>();
  const claimAnswers = new Map<string, ClaimOutcome[]>();
  const failures: { path: string; status: number; left: number }[] = [];
  const outcomes: Outcome[] = [];
  const progress: ProgressUpdate[] = [];
  const beats: Heartbeat[] = [];
  const announced: string[] = [];
  const claimBatches: number[] = [];
  const nonces: string[] = [];
  const left: string[] = [];
  let unauthorized = 0;
  const uploads: FakeApi['uploads'] = new Map();
  let beatAnswer: HeartbeatAnswer = { cancel: [], lost: [], drain: false, paused: false };

  const claim = (id: string): ClaimOutcome => {
    const prepared = claimAnswers.get(id)?.shift();
    if (prepared) return prepared;
    const job = jobs.get(id);
    if (!job) return { outcome: 'gone' };
    if (job.isFinal) return { outcome: 'terminal' };
    job.attempt += 1;
    const { attempt, task, input, runTimeoutSeconds } = job;
    return { outcome: 'ok', id, attempt, token: `t-${attempt}`, task, input, runTimeoutSeconds };
  };

  const settle = (outcome: Outcome): OutcomeAnswer => {
    const job = jobs.get(outcome.id);
    if (!job) return 'gone';
    if (job.isFinal || job.attempt !== outcome.attempt) return 'stale';
    outcomes.push(outcome);
    job.isFinal = outcome.result !== 'released';
    return 'ok';
  };

  const routes: [RegExp, (name: string, body: Buffer, request: IncomingMessage) => unknown][] = [
    [
      /^\/internal\/v1\/claims$/,
      (_, body) => {
        const { deliveries } = claimsRequestSchema.parse(JSON.parse(body.toString()));
        claimBatches.push(deliveries.length);
        nonces.push(...deliveries.map(({ nonce }) => nonce));
        return { claims: deliveries.map(({ id }) => claim(id)) };
      },
    ],
    [
      /^\/internal\/v1\/outcomes$/,
      (_, body) => ({
        answers: outcomesRequestSchema.parse(JSON.parse(body.toString())).outcomes.map(settle),
      }),
    ],
    [
      /^\/internal\/v1\/progress$/,
      (_, body) => {
        progress.push(...progressRequestSchema.parse(JSON.parse(body.toString())).progress);
        return {};
      },
    ],
    [
      /^\/internal\/v1\/workers\/([^/?]+)/,
      (name, body, { method }) => {
        if (method === 'DELETE') return left.push(name);
        beats.push(heartbeatRequestSchema.parse(JSON.parse(body.toString())));
        return beatAnswer;
      },
    ],
    [
      /^\/internal\/v1\/tasks\/([^/]+)$/,
      (name, body) => {
        taskDefinitionSchema.parse(JSON.parse(body.toString()));
        announced.push(name);
        return {};
      },
    ],
    [
      /^\/internal\/v1\/jobs\/([^/]+)\/output\?attempt=\d+$/,
      (id, body, { headers, url = '' }) => {
        uploads.set(id, {
          body: headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body,
          mediaType: headers['content-type'] ?? '',
          attempt: url.split('=').at(-1) ?? '',
        });
        return {};
      },
    ],
  ];

  const failureOf = (url: string): number | undefined => {
    const failure = failures.find(({ path, left }) => left > 0 && url.includes(path));
    if (!failure) return undefined;
    failure.left -= 1;
    return failure.status;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const url = request.url ?? '';
    const isKnown = request.headers.authorization === 'Bearer worker-token';
    if (!isKnown) unauthorized += 1;
    const status = isKnown ? failureOf(url) : 401;
    if (status !== undefined) {
      response.writeHead(status).end('{}');
      return;
    }
    const [pattern, answer] = routes.find(([pattern]) => pattern.test(url)) ?? [];
    const name = decodeURIComponent(pattern?.exec(url)?.[1] ?? '');
    const told = JSON.stringify(answer?.(name, body, request) ?? {});
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(told);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');

  return {
    url: `http://127.0.0.1:${address.port}`,
    outcomes,
    progress,
    beats,
    announced,
    uploads,
    claimBatches,
    nonces,
    left,
    unauthorized: () => unauthorized,
    add: (id, job) => {
      jobs.set(id, { task: 'fixture', input: {}, runTimeoutSeconds: 60, attempt: 0, isFinal: false, ...job });
    },
    answerClaim: (id, ...answers) => {
      claimAnswers.set(id, answers);
    },
    answerBeats: (answer) => {
      beatAnswer = { cancel: [], lost: [], drain: false, paused: false, ...answer };
    },
    fail: (path, status, times) => {
      failures.push({ path, status, left: times });
    },
    outcomeOf: (id) => outcomes.findLast((outcome) => outcome.id === id),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

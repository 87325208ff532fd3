/** GET /v1/jobs/{id}/events: what happens to a job, as server-sent events. */
import { once } from 'node:events';
import { beforeAll } from '@factorial/core/jobs/job-event';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import { isFinal } from '@factorial/core/jobs/job-status';
import type { JobEventLog } from '@factorial/core/jobs/redis-job-events';
import type { Clock } from '@factorial/core/time/clock';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { FindJob } from '../../jobs/find-job.ts';
import { parseEventId, toEventView } from '../../push/event-view.ts';
import type { JobEvents } from '../../push/job-events.ts';
import type { OpenStreams } from '../../push/open-streams.ts';
import { knowsAll, pastEvents } from '../../push/past-events.ts';
import { eventStreamType, openEventStream } from '../../push/sse/event-stream.ts';
import { whenTokenEnds } from '../../push/when-token-ends.ts';
import type { Caller } from '../middleware/authenticate.ts';
import { markWaiting } from '../middleware/request-context.ts';
import { parseParameters } from '../parse-request.ts';
import type { GuardedExchange, GuardedRoute } from '../route.ts';
import { idParameter, jobIdOf } from './job.ts';

export interface JobEventsRouteDeps {
  find: FindJob;
  streams: Pick<OpenStreams, 'open'>;
  clock: Clock;
  events: Pick<JobEvents, 'follow'>;
  log: JobEventLog;
}

const querySchema = z.strictObject({
  lastEventId: z.string().max(64).optional(),
  /** Checked already. */
  ticket: z.string().optional(),
});

/** The header is the browser's own, on a reconnect; it is newer than what stands in the address. */
const afterOf = (req: Request, id: string): string => {
  const { lastEventId } = parseParameters(querySchema, req.query);
  const header = req.get('last-event-id');
  const given = header === undefined || header === '' ? lastEventId : header;
  return given === undefined || given === '' ? beforeAll : parseEventId(id, given);
};

const tellPast = async (log: JobEventLog, job: JobRecord, exchange: { res: Response; after: string }) => {
  const { res, after } = exchange;
  const gone = new AbortController();
  const stream = openEventStream(res, { onRoom: () => undefined, onClose: () => gone.abort() });
  for await (const page of pastEvents(log, job, after)) {
    if (gone.signal.aborted) return;
    if (stream.write(page) === 'full' && !res.destroyed) {
      await once(res, 'drain', { signal: gone.signal }).catch(() => undefined);
    }
  }
  stream.end();
};

const follow = (
  { events, clock }: JobEventsRouteDeps,
  id: string,
  { res, caller, after }: { res: Response; caller: Caller; after: string },
) => {
  const following = events.follow({
    id,
    after,
    deliver: (fresh) => stream.write(fresh.map((event) => toEventView(id, event))),
  });
  const stream = openEventStream(res, { onRoom: following.resume, onClose: following.stop });
  res.once('close', whenTokenEnds(caller, clock, following.stop));
  // When the process stops, or the end is not among the events, the client comes back and finds it elsewhere.
  void following.ended.then(() => stream.end());
};

const handle =
  (deps: JobEventsRouteDeps) =>
  async ({ req, res, caller }: GuardedExchange): Promise<void> => {
    const id = jobIdOf(req);
    const job = await deps.find(caller, id);
    const after = afterOf(req, id);
    if (isFinal(job.status) && (await knowsAll(deps.log, job, after))) {
      res.status(204).end();
      return;
    }
    // A client that has gone meanwhile closes no second time.
    if (res.destroyed) return;
    if (req.method === 'HEAD') {
      res.type(eventStreamType).end();
      return;
    }
    res.once('close', deps.streams.open('sse', caller.subject));
    markWaiting(res);
    if (isFinal(job.status)) await tellPast(deps.log, job, { res, after });
    else follow(deps, id, { res, caller, after });
  };

export const createJobEventsRoutes = (deps: JobEventsRouteDeps): GuardedRoute[] => [
  {
    method: 'get',
    path: '/v1/jobs/:id/events',
    scope: 'jobs:read',
    ticket: true,
    handle: handle(deps),
    doc: {
      summary: 'Follow a job: what happens to it, as server-sent events',
      parameters: [
        idParameter,
        {
          name: 'Last-Event-ID',
          in: 'header',
          description: 'The last event that is known: the stream goes on after it.',
        },
        { name: 'lastEventId', in: 'query', description: 'The same, for clients that cannot send headers.' },
      ],
      responses: {
        200: {
          description:
            'The events `queued`, `started`, `progress`, `log`, `output`, `done`, `failed`, `cancelled`, each with an id and JSON data; the stream ends after the last one of the job.',
          mediaType: 'text/event-stream',
        },
        204: {
          description: 'The job has ended, and Last-Event-ID is its last event: there will be no more.',
        },
      },
    },
  },
];

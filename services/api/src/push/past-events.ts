/** The events of a job that has ended, from its store or, where the last one is not there, from its record. */
import { beforeAll, isAfter, isFinalEvent, type JobEvent } from '@factorial/core/jobs/job-event';
import type { JobRecord } from '@factorial/core/jobs/job-record';
import type { JobEventLog } from '@factorial/core/jobs/redis-job-events';
import { endOf, type EventView, toEventView } from './event-view.ts';

const pageSize = 64;

/** Page by page, so that a long history is not held in memory. */
export async function* pages(log: JobEventLog, id: string, after: string): AsyncGenerator<JobEvent[]> {
  let page = await log.read(id, after, pageSize);
  while (page.length > 0) {
    yield page;
    if (page.length < pageSize) return;
    page = await log.read(id, page.at(-1)?.id ?? after, pageSize);
  }
}

/** Whether somebody who knows this event knows all. */
export const knowsAll = async (log: JobEventLog, job: JobRecord, after: string): Promise<boolean> => {
  const last = await log.last(job.id);
  const end = last && isFinalEvent(last) ? last.id : `${job.finishedAt ?? 0}-0`;
  return after === end || isAfter(after, end);
};

/** Ends with the job's last event, whatever the store has kept. */
export async function* pastEvents(
  log: JobEventLog,
  job: JobRecord,
  after = beforeAll,
): AsyncGenerator<EventView[]> {
  let last: JobEvent | undefined;
  for await (const page of pages(log, job.id, after)) {
    last = page.at(-1);
    yield page.map((event) => toEventView(job.id, event));
  }
  if (!last || !isFinalEvent(last)) yield [endOf(job)];
}

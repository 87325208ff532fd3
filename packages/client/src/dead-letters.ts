/** Messages that nobody could work on. All of it wants the scope `admin`. */
import type { DeadLetterPage, DeadLetterSelection, PurgeResult, RedriveResult } from './api-types.ts';
import type { RequestOptions } from './jobs/read-jobs.ts';
import { type Call, readJson } from './transport/call.ts';

export type DeadLetter = DeadLetterPage['deadLetters'][number];

export interface DeadLetterListOptions extends RequestOptions {
  pool?: string | undefined;
}

/** The oldest first, page after page as they are asked for. */
export async function* listDeadLetters(
  call: Call,
  { pool, signal }: DeadLetterListOptions = {},
): AsyncGenerator<DeadLetter, void, undefined> {
  const query = new URLSearchParams(pool === undefined ? {} : { pool });
  for (;;) {
    const page = await call({ path: '/v1/dead-letters', query, signal }, readJson<DeadLetterPage>);
    yield* page.deadLetters;
    if (page.nextPageToken === undefined) return;
    query.set('pageToken', page.nextPageToken);
  }
}

/** Sending some back and throwing some away are asked for alike. */
const post = async <Result>(
  call: Call,
  { verb, selection }: { verb: 'redrive' | 'purge'; selection: DeadLetterSelection },
  { signal }: RequestOptions,
): Promise<Result> =>
  call({ method: 'POST', path: `/v1/dead-letters/${verb}`, json: selection, signal }, readJson<Result>);

export const redriveDeadLetters = async (
  call: Call,
  selection: DeadLetterSelection,
  options: RequestOptions = {},
): Promise<RedriveResult> => post(call, { verb: 'redrive', selection }, options);

export const purgeDeadLetters = async (
  call: Call,
  selection: DeadLetterSelection,
  options: RequestOptions = {},
): Promise<PurgeResult> => post(call, { verb: 'purge', selection }, options);

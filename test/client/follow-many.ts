/** Many jobs, and a crowd that follows them. */
import { waitUntil } from '@factorial/core/testing/wait-until';
import type { System } from '../../dev/system/start-system.ts';
import {
  createStreamAgent,
  followBySse,
  followByWebSocket,
  type Follower,
  type FollowTarget,
} from './follow-jobs.ts';
import { createSystemClient } from './system-client.ts';

export interface Crowd {
  sse: number;
  webSockets: number;
  /** Each WebSocket follows so many. */
  jobsPerSocket: number;
}

/** Jobs of the task in `test/integration/steps-task`, held back until `start` lets the pool run them. */
export const submitHeldJobs = async (
  system: System,
  jobs: number,
  input: { steps: number; stepMs: number },
) => {
  const client = createSystemClient(system);
  const admin = createSystemClient(system, system.adminToken);
  const change = async (verb: 'pause' | 'resume'): Promise<void> => {
    const { status, text } = await admin.post(`/v1/pools/factorial/${verb}`, {});
    if (status !== 200) throw new Error(text);
  };
  await change('pause');
  const ids = await Promise.all(
    Array.from({ length: jobs }, async () => client.accepted({ task: 'steps', input })),
  );
  return { ids, start: async () => change('resume') };
};

const repeated = (ids: readonly string[], from: number, count: number): string[] =>
  Array.from({ length: Math.min(count, ids.length) }, (_, index) => ids[(from + index) % ids.length] ?? '');

/** @param urls the apis, in the order in which they are tried. */
export const gatherCrowd = (
  { token, urls }: { token: string; urls: readonly string[] },
  ids: readonly string[],
  { sse, webSockets, jobsPerSocket }: Crowd,
) => {
  const dispatcher = createStreamAgent();
  const leaving = new AbortController();
  const target: FollowTarget = { urls, token, dispatcher, signal: leaving.signal };
  const count = (length: number) => Array.from({ length }, (_, index) => index);
  const join = {
    sse: (): Follower[] =>
      count(sse).flatMap((index) => repeated(ids, index, 1).map((id) => followBySse(target, id))),
    webSockets: (): Follower[] =>
      count(webSockets).map((index) =>
        followByWebSocket(target, repeated(ids, index * jobsPerSocket, jobsPerSocket)),
      ),
  };
  /** Each has had a first event of each of its jobs. */
  const areThere = async (followers: readonly Follower[], timeoutMs = 60_000): Promise<void> => {
    await waitUntil(
      () => followers.every(({ told }) => [...told.values()].every((events) => events.length > 0)),
      { timeoutMs, pollMs: 50, what: 'everybody follows' },
    );
  };
  const leave = async (): Promise<void> => {
    leaving.abort();
    await dispatcher.destroy();
  };
  return { join, areThere, leave };
};

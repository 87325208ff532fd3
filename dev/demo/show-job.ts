/** Submits one factorial and tells how it goes, until it has ended. */
import { sleep } from '@factorial/core/lifecycle/sleep';
import type { DemoClient, DemoJob } from './demo-client.ts';
import { describeJob, describeResult } from './describe-job.ts';

export interface ShowJobDeps {
  client: DemoClient;
  say: (line: string) => void;
  now: () => number;
  /** Between two looks, in milliseconds. */
  pauseMs: number;
}

const untilEnded = async ({ client, say, pauseMs }: ShowJobDeps, submitted: DemoJob): Promise<DemoJob> => {
  let shown = '';
  for (let job = submitted; ; job = await client.read(job.id)) {
    if (job.status !== 'queued' && job.status !== 'processing') return job;
    const line = describeJob(job);
    if (line !== shown) say(line);
    shown = line;
    await sleep(pauseMs);
  }
};

/** @throws when the job ends in any other way than done. */
export const showJob = async (deps: ShowJobDeps, n: number): Promise<void> => {
  const { client, say, now } = deps;
  const beganMs = now();
  const submitted = await client.submit(n);
  say(`job ${submitted.id} was accepted in ${Math.round(now() - beganMs)} ms`);
  const job = await untilEnded(deps, submitted);
  if (job.status !== 'done') {
    throw new Error(`the job ended as ${job.status}${job.error ? `: ${job.error.message}` : ''}`);
  }
  say(describeJob(job));
  const output = await client.output(job.id);
  say(describeResult(n, output, now() - beganMs));
};

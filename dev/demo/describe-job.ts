/** One line on how far a job is, and the lines on what came out. */
import type { DemoJob } from './demo-client.ts';

const barWidth = 30;

const bar = (done: number): string => {
  const full = Math.round(done * barWidth);
  return `[${'='.repeat(full)}${' '.repeat(barWidth - full)}] ${String(Math.round(done * 100)).padStart(3)} %`;
};

const queued = ({ position = 0, etaSeconds = 0 }: DemoJob): string => {
  const place = position === 0 ? 'next in line' : `position ${position}`;
  const eta = etaSeconds >= 1 ? `, done in about ${Math.ceil(etaSeconds)} s` : '';
  return `queued, ${place}${eta}`;
};

const share = ({ status, progress }: DemoJob): number => (status === 'done' ? 1 : (progress?.value ?? 0));

/** @returns what to show of a job that has not failed. */
export const describeJob = (job: DemoJob): string =>
  job.status === 'queued' ? queued(job) : `${job.status} ${bar(share(job))}`;

const edgeDigits = 30;

/** @param tookMs from the submission to the output in hand. */
export const describeResult = (n: number, output: string, tookMs: number): string => {
  const digits = output.length.toLocaleString('en-US');
  const edges =
    output.length > 2 * edgeDigits ? `${output.slice(0, edgeDigits)}…${output.slice(-edgeDigits)}` : output;
  return `${n}! = ${edges}\n${digits} digits, in hand after ${(tookMs / 1_000).toFixed(2)} s`;
};

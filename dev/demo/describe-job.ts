/** One line on how far a job is, and the lines on what came out. */
import type { DemoJob } from './demo-client.ts';

const barWidth = 30;

const bar = (share: number): string => {
  const full = Math.round(share * barWidth);
  return `[${'='.repeat(full)}${' '.repeat(barWidth - full)}] ${String(Math.round(share * 100)).padStart(3)} %`;
};

const queued = ({ position = 0, etaSeconds }: DemoJob): string => {
  const eta = etaSeconds === undefined ? '' : `, done in about ${Math.ceil(etaSeconds)} s`;
  return `queued, position ${position}${eta}`;
};

/** @returns what to show while the job has not ended. */
export const describeJob = (job: DemoJob): string =>
  job.status === 'queued' ? queued(job) : `${job.status} ${bar(job.progress?.value ?? 0)}`;

const edgeDigits = 30;

/** @param tookMs from the submission to the output in hand. */
export const describeResult = (n: number, output: string, tookMs: number): string => {
  const digits = output.length.toLocaleString('en-US');
  const edges =
    output.length > 2 * edgeDigits ? `${output.slice(0, edgeDigits)}…${output.slice(-edgeDigits)}` : output;
  return `${n}! = ${edges}\n${digits} digits, in hand after ${(tookMs / 1_000).toFixed(2)} s`;
};

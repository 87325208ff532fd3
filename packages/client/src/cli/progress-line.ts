/** How a job goes, on one line that is written over and over: on a terminal, and nowhere else. */
import type { Job } from '../api-types.ts';
import type { JobEvent } from '../jobs/job-event.ts';
import { inWords } from './durations.ts';
import { oneLine } from './one-line.ts';
import type { Session } from './session.ts';

const barWidth = 30;

const bar = (share: number): string => {
  const full = Math.round(share * barWidth);
  return `[${'='.repeat(full)}${' '.repeat(barWidth - full)}] ${String(Math.round(share * 100)).padStart(3)} %`;
};

/** @returns what to show of a job that waits or runs. */
const describeJob = ({ status, position, etaSeconds, progress }: Job): string => {
  if (status !== 'queued') return `${status} ${bar(status === 'done' ? 1 : (progress?.value ?? 0))}`;
  const place = position === undefined ? '' : position === 0 ? ', next in line' : `, ${position} ahead`;
  return `queued${place}${etaSeconds === undefined ? '' : `, done in about ${inWords(etaSeconds)}`}`;
};

/** @returns undefined for what changes nothing on the line. */
const describeEvent = ({ type, data }: JobEvent): string | undefined => {
  if (type === 'queued') return data.reason === 'accepted' ? undefined : `queued again (${data.reason})`;
  if (type === 'started') return `processing ${bar(0)}`;
  if (type === 'progress') return `processing ${bar(data.value)} ${oneLine(data.message)}`;
  return type === 'done' ? `done ${bar(1)}` : undefined;
};

export interface ProgressLine {
  job: (job: Job) => void;
  event: (event: JobEvent) => void;
  /** Takes the line away. */
  clear: () => void;
}

const fallbackColumns = 80;
const wipe = '\r\u001b[2K';

export const createProgressLine = ({ cli, json }: Pick<Session, 'cli' | 'json'>): ProgressLine => {
  const { stderr } = cli;
  const isShown = stderr.isTTY === true && !json;
  const show = (text: string | undefined): void => {
    // Where a terminal does not know how wide it is, it says 0.
    const line = text?.slice(0, (stderr.columns || fallbackColumns) - 1);
    if (isShown && line !== undefined) stderr.write(`${wipe}${line}`);
  };
  return {
    job: (job) => show(describeJob(job)),
    event: (event) => show(describeEvent(event)),
    clear: () => show(''),
  };
};

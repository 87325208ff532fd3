/** A job's state, as a drawing and a word. */
import type { JobStatus } from '@factorial/core/jobs/job-status';
import { Icon, type IconName } from './icon.tsx';

/** People run things; only machines process them. */
export const statusWords: Readonly<Record<JobStatus, string>> = {
  queued: 'Queued',
  processing: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  expired: 'Expired',
};

const icons: Readonly<Record<JobStatus, IconName>> = {
  queued: 'queued',
  processing: 'processing',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
};

export const StatusBadge = ({ status }: { status: JobStatus }) => (
  <span class={`badge badge-${status}`}>
    <Icon name={icons[status]} /> {statusWords[status]}
  </span>
);

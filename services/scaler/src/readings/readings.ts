/** The three sources of a decision, read in one tick. */
import type { PoolReport } from '@factorial/core/internal/protocol';
import type { TargetState } from '../targets/scale-target.ts';
import type { QueueCounts } from './queue-reading.ts';
import type { Reading } from './reading.ts';

export interface Readings {
  /** RabbitMQ's management API. */
  queue: Reading<QueueCounts>;
  /** The api's internal port. */
  pool: Reading<PoolReport>;
  /** Whatever runs the workers. */
  target: Reading<TargetState>;
}

/** What `make chaos` is told by its environment. */
import { integer } from '@factorial/core/config/fields';
import { z } from 'zod';
import { controlNames } from './controls/control.ts';

const seeds = () =>
  z
    .string()
    .regex(/^\d+(,\d+)*$/, 'has to be numbers with commas between them')
    .transform((text) => text.split(',').map(Number));

export const settingsSchema = z.object({
  SEED: seeds().prefault('1').describe('seeds, comma-separated: a run each'),
  JOBS: integer(10, 1_000_000).prefault('1000').describe('jobs a run'),
  FAULTS: integer(0, 10_000).optional().describe('faults a run; one for 3 s of load where not set'),
  PER_SECOND: integer(1, 500).prefault('20').describe('submissions a second'),
  SETTLE_SECONDS: integer(10, 3_600)
    .prefault('180')
    .describe('how long everything may take to come to rest after the load'),
  CONTROL: z.enum(controlNames).optional().describe('breaks a guard on purpose: the run has to fail'),
  VERBOSE: z.enum(['0', '1']).default('0').describe('1: tells each fault as it strikes'),
});
export type ChaosSettings = z.output<typeof settingsSchema>;

const secondsPerFault = 3;

export const faultsOf = ({ FAULTS, JOBS, PER_SECOND }: ChaosSettings): number =>
  FAULTS ?? Math.ceil(JOBS / PER_SECOND / secondsPerFault);

/** What `make chaos` is told by its environment. */
import { integer } from '@factorial/core/config/fields';
import { z } from 'zod';
import { controlNames } from './controls/control.ts';

const seeds = () =>
  z
    .string()
    .regex(/^\d+(,\d+)*$/, 'has to be numbers with commas between them')
    .transform((text) => text.split(',').map(Number));

export const settingsSchema = z
  .object({
    SEED: seeds().prefault('1').describe('seeds, comma-separated: a run each'),
    JOBS: integer(10, 1_000_000).optional().describe('jobs a run; 1000, 600 in a cluster'),
    FAULTS: integer(0, 10_000)
      .optional()
      .describe('faults a run; one for 3 s of load where not set, for 6 s in a cluster'),
    PER_SECOND: integer(1, 500).optional().describe('submissions a second; 20, 5 in a cluster'),
    SETTLE_SECONDS: integer(10, 3_600)
      .optional()
      .describe('how long everything may take to come to rest after the load; 180, 300 in a cluster'),
    CLUSTER: z.enum(['0', '1']).default('0').describe('1: on the cluster of KUBECONFIG'),
    IMAGE_TAG: z.string().default('e2e').describe('of the images in the cluster'),
    CONTROL: z.enum(controlNames).optional().describe('breaks a guard on purpose: the run has to fail'),
    VERBOSE: z.enum(['0', '1']).default('0').describe('1: tells each fault as it strikes'),
  })
  .refine(({ CLUSTER, CONTROL }) => CLUSTER === '0' || CONTROL === undefined, {
    path: ['CONTROL'],
    message: 'is of runs on this machine: leave CLUSTER out',
  });
export type ChaosSettings = z.output<typeof settingsSchema>;

export interface RunSize {
  jobs: number;
  faults: number;
  perSecond: number;
  settleMs: number;
}

const onThisMachine = { jobs: 1_000, perSecond: 20, settleSeconds: 180, secondsPerFault: 3 };
/** Fits a node of 2 vCPU and 2 GiB, whose pods take longer to come back than processes do. */
const inCluster = { jobs: 600, perSecond: 5, settleSeconds: 300, secondsPerFault: 6 };

export const sizeOf = (settings: ChaosSettings): RunSize => {
  const usual = settings.CLUSTER === '1' ? inCluster : onThisMachine;
  const { JOBS: jobs = usual.jobs, PER_SECOND: perSecond = usual.perSecond } = settings;
  return {
    jobs,
    perSecond,
    faults: settings.FAULTS ?? Math.ceil(jobs / perSecond / usual.secondsPerFault),
    settleMs: (settings.SETTLE_SECONDS ?? usual.settleSeconds) * 1_000,
  };
};

/** A task with something to tell while it runs, for those who watch jobs. */
import { setTimeout as delay } from 'node:timers/promises';

export interface StepsInput {
  steps: number;
  stepMs: number;
}

interface Telling {
  progress: (value: number, message: string) => void;
  log: (text: string) => void;
  output: (chunk: string) => void;
}

/** @returns nothing: what it streamed is its output. */
export const run = async (
  { steps, stepMs }: StepsInput,
  { progress, log, output }: Telling,
): Promise<void> => {
  for (let step = 1; step <= steps; step += 1) {
    await delay(stepMs);
    progress(step / steps, `step ${step}`);
    log(`step ${step} of ${steps}`);
    output(`${step} `);
  }
};

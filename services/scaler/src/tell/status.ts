/** What GET /status answers: for each pool every reading, the decision and its reason, as of the last tick. */
import type { ScalerSettings } from '../decision/scaler-settings.ts';
import type { TickReport } from '../control-loop.ts';

export interface StatusOptions {
  pool: string;
  dryRun: boolean;
  settings: ScalerSettings;
}

export interface StatusBoard {
  tell: (report: TickReport) => void;
  /** Somebody else decides from now on. */
  forget: () => void;
  read: () => object;
}

export const createStatusBoard = (options: StatusOptions): StatusBoard => {
  let last: TickReport | undefined;
  return {
    tell: (report) => {
      last = report;
    },
    forget: () => {
      last = undefined;
    },
    read: () => ({
      ...options,
      ...(last ? { ...last, at: new Date(last.at).toISOString() } : { decision: undefined }),
    }),
  };
};

/** What the decision remembers from one tick to the next. A plain value: the loop keeps it, nothing here changes it in place. */
import type { ArrivalState } from './arrival-rate.ts';
import type { CapacityState } from './capacity-cap.ts';
import type { ColdStartState } from './cold-start.ts';
import type { NeedWindow } from './need-window.ts';
import type { ScaleStep } from './scale-steps.ts';

export interface ScalerState {
  arrivals: ArrivalState | undefined;
  coldStart: ColdStartState;
  /** The service time last known, in seconds; for the ticks on which the api is silent. */
  serviceSeconds: number | undefined;
  /** Since when there has been no work at all, ms since the epoch. */
  idleSince: number | undefined;
  /** What the api said last: a pool stays paused for the ticks on which it is silent. */
  paused: boolean;
  capacity: CapacityState;
  window: NeedWindow | undefined;
  /** The steps taken lately, oldest first. */
  steps: readonly ScaleStep[];
}

export const initialScalerState: ScalerState = {
  arrivals: undefined,
  coldStart: { meanSeconds: undefined, measured: [] },
  serviceSeconds: undefined,
  idleSince: undefined,
  paused: false,
  capacity: { fullSince: undefined, cap: undefined },
  window: undefined,
  steps: [],
};

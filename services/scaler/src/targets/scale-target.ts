/** What the scaler needs of whatever runs the workers: processes of this machine, or a Deployment. */
import type { Reading } from '../readings/reading.ts';

export interface TargetWorker {
  /** The id under which it beats at the api. */
  id: string;
  /** The machine it runs on; left out where there is only one. */
  node?: string;
}

export interface TargetState {
  /** Workers that should run, as it stands now. */
  replicas: number;
  /** Of these, those that do not serve yet. */
  starting: number;
  /** Of these, those that will not serve soon: they crash, or have not become ready for long. Left out where nobody can tell. */
  failing?: number;
  /** Of these, those no machine has room for. */
  unschedulable: number;
  /** Beside these, those that were let go and still run. Left out where nobody can tell. */
  terminating?: number;
  /** Workers are being replaced by a new version. */
  rollout: boolean;
  /** Somebody asked the scaler to keep its hands off. */
  paused: boolean;
  /** Those that serve; the ones that should and do not are missing here. */
  workers: readonly TargetWorker[];
  /** Ids of all that count as replicas, whether they serve at the moment or not. */
  present: readonly string[];
}

export interface Marking {
  /** Workers that are about to go, in place of those named before. */
  victims: readonly string[];
  /** Workers that must not, and how long they have been at work. */
  busy: readonly { id: string; runningSeconds: number }[];
}

export interface ScaleRequest {
  /** The number read before: the target refuses when it has changed since. */
  from: number;
  to: number;
  /** Which workers go when it shrinks; drained and idle. */
  victims: readonly string[];
  /** The other workers that serve: a target that would let one of them go before the victims refuses. */
  others: readonly OtherWorker[];
}

export interface OtherWorker {
  id: string;
  /** As last heard: one that is not may have a job by now. */
  busy: boolean;
}

export interface Refusal {
  ok: false;
  reason: string;
  /** Nobody knows whether it was done: no answer came. */
  uncertain?: boolean;
}

export interface ScaleDone {
  ok: true;
  /** Who went; others, perhaps, than the victims that were asked for. */
  removed: readonly string[];
  /** Victims in whose place others went: nobody stops them any more. A victim that is neither here nor there may go any moment. */
  stayed: readonly string[];
}

export type ScaleAnswer = ScaleDone | Refusal;

export type MarkAnswer = { ok: true } | Refusal;

export interface ScaleTarget {
  read(stop: AbortSignal): Promise<Reading<TargetState>>;
  /** The target prefers the victims when it shrinks, and does not replace them when they end by themselves. */
  markVictims(marking: Marking, stop: AbortSignal): Promise<MarkAnswer>;
  scaleTo(request: ScaleRequest, stop: AbortSignal): Promise<ScaleAnswer>;
}

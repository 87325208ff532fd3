/** What the scaler needs of whatever runs the workers: local processes here, a Deployment's scale later. */
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
  /** Of these, those no machine has room for. */
  unschedulable: number;
  /** Workers are being replaced by a new version. */
  rollout: boolean;
  /** Somebody asked the scaler to keep its hands off. */
  paused: boolean;
  /** Those that run; the ones that should and do not are missing here. */
  workers: readonly TargetWorker[];
}

export interface ScaleRequest {
  /** The number read before: the target refuses when it has changed since. */
  from: number;
  to: number;
  /** Which workers go when it shrinks; drained and idle. */
  victims: readonly string[];
}

/** `removed` may differ from the victims that were asked for: the caller compares. */
export type ScaleAnswer = { ok: true; removed: readonly string[] } | { ok: false; reason: string };

export interface ScaleTarget {
  read(): Promise<Reading<TargetState>>;
  /** Names the workers that are about to go, in place of those named before: the target prefers them and does not replace them when they end by themselves. */
  markVictims(victims: readonly string[]): Promise<void>;
  scaleTo(request: ScaleRequest): Promise<ScaleAnswer>;
}

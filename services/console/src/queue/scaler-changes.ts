/** What the scaler did and why, as a list of its changes of mind. */
import type { ScalerStatement } from '../api/schemas.ts';
import type { Sample } from './samples.ts';

export interface ScalerChange {
  atMs: number;
  /** Workers wanted before and since; undefined while it holds, or where it is the first. */
  before: number | undefined;
  statement: ScalerStatement;
}

const isSame = (one: ScalerStatement, other: ScalerStatement): boolean =>
  one.decision === other.decision &&
  one.reason === other.reason &&
  one.restricted === other.restricted &&
  one.replicas === other.replicas;

/** @returns the newest first. */
export const scalerChanges = (samples: readonly Sample[]): ScalerChange[] => {
  const changes: ScalerChange[] = [];
  let replicas: number | undefined;
  for (const { atMs, scaler } of samples) {
    if (scaler === undefined) continue;
    const last = changes.at(-1);
    if (last && isSame(last.statement, scaler)) continue;
    changes.push({ atMs, before: replicas, statement: scaler });
    replicas = scaler.replicas ?? replicas;
  }
  return changes.reverse();
};

export type Direction = 'up' | 'down' | 'stay' | 'hold';

export const directionOf = ({ before, statement }: ScalerChange): Direction => {
  if (statement.decision === 'hold') return 'hold';
  if (before === undefined || statement.replicas === undefined || statement.replicas === before)
    return 'stay';
  return statement.replicas > before ? 'up' : 'down';
};

/** Names one run: a worker may have two attempts of the same job for a moment, one of which is being stopped. */

export interface RunRef {
  id: string;
  attempt: number;
}

export const refOf = ({ id, attempt }: RunRef): RunRef => ({ id, attempt });

export const isSameRun = (one: RunRef, other: RunRef): boolean =>
  one.id === other.id && one.attempt === other.attempt;

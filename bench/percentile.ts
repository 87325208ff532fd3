/**
 * The least value that `share` of all are not above.
 * @param share in [0, 1]. @returns NaN of none.
 */
export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

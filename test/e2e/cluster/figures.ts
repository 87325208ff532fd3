/** Numbers for the reader of a run. */

/** The least value that `share` of all are not above. */
export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

export const tell = (what: string, figures: Readonly<Record<string, unknown>>): void => {
  console.log(`${what}: ${JSON.stringify(figures)}`);
};

/** `FULL=1`: as many repetitions as the documents speak of, instead of as many as a build has time for. */
export const repetitions = (inFull: number, inBrief: number): number =>
  process.env['FULL'] === '1' ? inFull : inBrief;

/** Numbers for the reader of a run. */

export const tell = (what: string, figures: Readonly<Record<string, unknown>>): void => {
  console.log(`${what}: ${JSON.stringify(figures)}`);
};

/** `FULL=1`: as many repetitions as the documents speak of, instead of as many as a build has time for. */
export const repetitions = (inFull: number, inBrief: number): number =>
  process.env['FULL'] === '1' ? inFull : inBrief;

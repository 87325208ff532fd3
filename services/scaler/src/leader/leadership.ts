/** Who may act: a term is the time for which one scaler may, and its signal ends everything that was begun in it. */
export interface Leadership {
  /** The signal of the present term, aborted when it ends; undefined while somebody else leads, or nobody. */
  term(): AbortSignal | undefined;
}

/** The contract of a janitor's rule. */

export interface RuleContext {
  /** Aborts when the run's time is over: finish the item in hand and return. */
  signal: AbortSignal;
  dryRun: boolean;
}

/** What a rule did: counts by name, for the run's summary. */
export type RuleReport = Readonly<Record<string, number>>;

export interface Rule {
  readonly name: string;
  run(context: RuleContext): Promise<RuleReport>;
}

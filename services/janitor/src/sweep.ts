/** Runs every rule once. A rule that fails does not keep the others from running. */
import { toError } from '@factorial/core/errors/to-error';
import type { Logger } from '@factorial/core/ops/logger';
import type { Rule, RuleContext, RuleReport } from './rule.ts';

export interface SweepSummary {
  reports: Readonly<Record<string, RuleReport>>;
  /** Names of rules that failed. */
  failed: readonly string[];
  /** Whether it was stopped, or its time was over, before all rules were done: the next run does the rest. */
  cutShort: boolean;
}

export interface SweepDeps extends RuleContext {
  rules: readonly Rule[];
  logger: Logger;
}

export const sweep = async ({ rules, logger, ...context }: SweepDeps): Promise<SweepSummary> => {
  const reports: Record<string, RuleReport> = {};
  const failed: string[] = [];
  for (const rule of rules) {
    try {
      reports[rule.name] = await rule.run(context);
    } catch (thrown) {
      failed.push(rule.name);
      logger.error({ rule: rule.name, err: toError(thrown) }, 'rule failed');
    }
  }
  const cutShort = context.signal.aborted;
  logger.info({ reports, failed, cutShort, dryRun: context.dryRun }, 'sweep ended');
  return { reports, failed, cutShort };
};

/** For the process: 0 only where everything was done. A Job that counts as complete must not have left something undone. */
export const exitCodeOf = ({ failed, cutShort }: SweepSummary): 0 | 1 =>
  failed.length > 0 || cutShort ? 1 : 0;

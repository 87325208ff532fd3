/** Runs every rule once. A rule that fails does not keep the others from running. */
import { toError } from '@factorial/core/errors/to-error';
import type { Logger } from '@factorial/core/ops/logger';
import type { Rule, RuleContext, RuleReport } from './rule.ts';

export interface SweepSummary {
  reports: Readonly<Record<string, RuleReport>>;
  /** Names of rules that failed. */
  failed: readonly string[];
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
  logger.info({ reports, failed, dryRun: context.dryRun }, 'sweep ended');
  return { reports, failed };
};

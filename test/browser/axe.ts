/** What axe finds wrong with a page, as far as it keeps people out. */
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const grave = new Set(['serious', 'critical']);

const run = `axe.run(document, { resultTypes: ['violations'] })`;

/** @returns rule and place of each serious or critical finding. */
export const graveFindings = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(run);
  return violations
    .filter(({ impact }) => grave.has(impact ?? ''))
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
    );
};

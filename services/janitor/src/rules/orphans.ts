/** Brings records and the indexes that should name them together again. */
import type { JobRepair } from '@factorial/core/jobs/redis-job-repair';
import type { Rule } from '../rule.ts';

export const orphans = (repair: JobRepair): Rule => ({
  name: 'orphans',
  run: async ({ signal, dryRun }) => {
    const report = { looked: 0, sound: 0, indexed: 0, revived: 0, deleted: 0 };
    let page = await repair.ids(undefined);
    for (;;) {
      report.looked += page.ids.length;
      const repairs = dryRun ? [] : await Promise.all(page.ids.map(async (id) => repair.repair(id)));
      for (const kind of repairs) report[kind] += 1;
      if (page.next === undefined || signal.aborted) return report;
      page = await repair.ids(page.next);
    }
  },
});

/** The books of a fault run: what was accepted, what was committed, what was seen, and what that adds up to. */
import type { TestJobStore } from './test-job-store.ts';
import type { TestRedis } from './test-redis.ts';

export interface Audit {
  /** Accepted jobs that nobody knows any more. */
  lost: number;
  /** Jobs with more than one result committed in one life. */
  double: number;
  /** Final jobs that were seen with two different results. */
  changed: number;
  /** Jobs that are not final at the end. */
  stuck: number;
  /** Records or outputs that no index names, or that name nothing. */
  orphans: number;
  /** Difference between the bytes counted and the bytes there. */
  strayBytes: number;
}

export interface JobLedger {
  accepted: Set<string>;
  /** The owner has run it once more: it may end differently now. */
  newLife: (id: string) => void;
  committed: (id: string) => void;
  /** Looks at a job as a client does. */
  look: (id: string) => Promise<void>;
  audit: () => Promise<Audit>;
}

export const createJobLedger = (
  store: TestJobStore,
  { redis, keys }: Pick<TestRedis, 'redis' | 'keys'>,
): JobLedger => {
  const accepted = new Set<string>();
  const lives = new Map<string, number>();
  const commits = new Map<string, number>();
  const finals = new Map<string, string>();
  const changed = new Set<string>();
  const lifeOf = (id: string): string => `${id} ${lives.get(id) ?? 0}`;

  const look = async (id: string): Promise<void> => {
    const found = await store.intake.find(id);
    if (found.kind !== 'job' || found.job.finishedAt === undefined) return;
    const output = (await store.outputs.read(id))?.toString() ?? '';
    const seen = `${found.job.status} ${found.job.errorCode ?? ''} ${output}`;
    const before = finals.get(lifeOf(id)) ?? seen;
    if (before !== seen) changed.add(id);
    finals.set(lifeOf(id), before);
  };

  const orphans = async (): Promise<number> => {
    const { ids } = await store.repair.ids(undefined);
    const outputs = await store.repair.ids('1:0');
    const repairs = await Promise.all(
      [...new Set([...ids, ...outputs.ids])].map(async (id) => store.repair.repair(id)),
    );
    return repairs.filter((repair) => repair !== 'sound').length;
  };

  const bytesThere = async (): Promise<number> => {
    const records = await Promise.all([...accepted].map(async (id) => store.field(id, 'bytes')));
    return records.reduce((sum, bytes) => sum + Number(bytes ?? 0), 0);
  };

  const isLost = async (id: string): Promise<boolean> => (await store.intake.find(id)).kind === 'none';

  return {
    accepted,
    newLife: (id) => void lives.set(id, (lives.get(id) ?? 0) + 1),
    committed: (id) => void commits.set(lifeOf(id), (commits.get(lifeOf(id)) ?? 0) + 1),
    look,
    audit: async () => {
      await Promise.all([...accepted].map(look));
      const gone = await Promise.all([...accepted].map(isLost));
      return {
        lost: gone.filter(Boolean).length,
        double: [...commits.values()].filter((count) => count > 1).length,
        changed: changed.size,
        stuck: await redis.zcard(keys.due),
        orphans: await orphans(),
        strayBytes: Math.abs((await store.retention.usedBytes()) - (await bytesThere())),
      };
    },
  };
};

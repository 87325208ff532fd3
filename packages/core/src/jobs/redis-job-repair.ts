/** Walks over everything stored and mends what an interrupted or meddling hand left apart. */
import type { Keys } from '../redis/keys.ts';
import { storing } from '../redis/store-error.ts';
import type { RedisJobStoreDeps } from './redis-job-intake.ts';

export type Repair = 'sound' | 'indexed' | 'revived' | 'deleted';

export interface JobRepair {
  /** A page of ids that have a record, an output, events or webhook deliveries, each possibly more than once; ends when `next` is undefined. */
  ids(cursor: string | undefined): Promise<{ ids: string[]; next?: string }>;
  /** Mends one job: `revived` an unfinished one that nobody looked after, `indexed` a finished one that would never expire, `deleted` what belonged to a job that is gone. */
  repair(id: string): Promise<Repair>;
}

const repairs: Record<string, Repair> = {
  SOUND: 'sound',
  INDEXED: 'indexed',
  REVIVED: 'revived',
  DELETED: 'deleted',
};

const pageSize = 500;

/** SCAN takes a glob: the braces of the hash tag are plain there, its other special characters are not allowed in a tag. */
const prefixes = (keys: Keys): string[] => [
  keys.job(''),
  keys.output(''),
  keys.events(''),
  keys.webhooks(''),
];

export const createRedisJobRepair = ({ redis, keys, run }: RedisJobStoreDeps): JobRepair => ({
  ids: async (cursor) => {
    const [which = '0', position = '0'] = (cursor ?? '0:0').split(':');
    const [prefix = keys.job(''), ...others] = prefixes(keys).slice(Number(which));
    const [after, found] = await storing(redis.scan(position, 'MATCH', `${prefix}*`, 'COUNT', pageSize));
    const ids = found.map((key) => key.slice(prefix.length));
    if (after !== '0') return { ids, next: `${which}:${after}` };
    return others.length > 0 ? { ids, next: `${Number(which) + 1}:0` } : { ids };
  },
  repair: async (id) => {
    const [word] = await run('repair', [id]);
    const repair = repairs[word];
    if (repair === undefined) throw new Error(`unexpected answer to a repair: ${word}`);
    return repair;
  },
});

/** Outputs too large to travel with an outcome, and reading any of them. */
import { storing } from '../redis/store-error.ts';
import type { JobOutputs } from './job-store.ts';
import { describeOutput, heldBy, toAnswer } from './redis-job-leases.ts';
import type { RedisJobStoreDeps } from './redis-job-intake.ts';

export const createRedisJobOutputs = ({ redis, keys, run, settings }: RedisJobStoreDeps): JobOutputs => ({
  stage: async (attempt, output) =>
    toAnswer(
      await run('stage', [
        ...heldBy(attempt),
        ...describeOutput(output),
        output.payload,
        settings.stagedTtlMs,
      ]),
    ),
  read: async (id) => (await storing(redis.getBuffer(keys.output(id)))) ?? undefined,
});

/**
 * Every Redis key, in one place. All carry one hash tag, so that a script's keys share a slot and Redis Cluster can be used;
 * two installations on one Redis differ by the tag. A key that belongs to something ends with its name, so that a Lua script
 * can be handed the beginning and complete it (`waiting('')` + pool).
 */
export const createKeys = (tag: string) => {
  const key = (name: string) => `{${tag}}:${name}`;
  return {
    /** hash: one job's record; the fields are those of `job-record.ts`. */
    job: (id: string) => key(`job:${id}`),
    /** string: the output's bytes, gzip or plain as the record's `outputEncoding` says. */
    output: (id: string) => key(`output:${id}`),
    /** stream: what happened to a job, the newest of it; also the pub/sub channel that tells of more. */
    events: (id: string) => key(`events:${id}`),
    /** string with a TTL: an attempt's large output on its way, not yet committed. Name: `id:attempt`. */
    stagedOutput: (name: string) => key(`staged:${name}`),
    /** hash with a TTL: owner, final status and times of an expired or deleted job. */
    tombstone: (id: string) => key(`tombstone:${id}`),
    /** zset: every unfinished job → ms of the next look at it. Outbox and lease index in one. */
    due: key('due'),
    /** zset: a pool's queued jobs → their order, so that a rank is the number of jobs ahead. */
    waiting: (pool: string) => key(`waiting:${pool}`),
    /** zset: finished jobs → ms at which they expire. */
    finished: key('finished'),
    /** zset: finished jobs → bytes of input and output. */
    sizes: key('sizes'),
    /** hash: owner → number of unfinished jobs. The sum is the size of `due`. */
    pending: key('pending'),
    /** string: bytes of all inputs and outputs held. */
    usedBytes: key('used-bytes'),
    /** string: counter that gives each job its place. */
    sequence: key('sequence'),
    /** string with a TTL: `id fingerprint` of the first request with this idempotency key. Name: `owner:key`. */
    idempotency: (name: string) => key(`idem:${name}`),
    /** zset: an owner's jobs → their place, newest highest. */
    ownerJobs: (owner: string) => key(`owner-jobs:${owner}`),
    /** hash: a pool's moving averages and counters, and since when it is paused. */
    pool: (pool: string) => key(`pool:${pool}`),
    /** set: the pools that have ever had a job or a worker. */
    pools: key('pools'),
    /** string with a TTL: a worker's last heartbeat as JSON. */
    worker: (worker: string) => key(`worker:${worker}`),
    /** zset: a pool's workers → ms of the last heartbeat. */
    workersOf: (pool: string) => key(`workers:${pool}`),
    /** zset: a pool's workers that were asked to drain → ms at which the request lapses. */
    draining: (pool: string) => key(`draining:${pool}`),
    /** string with a TTL: what the pool's scaler said last, as JSON. */
    scaler: (pool: string) => key(`scaler:${pool}`),
    /** zset: dead letters taken out of the broker → their order. */
    deadLetters: key('dead-letters'),
    /** string: one dead letter as JSON. */
    deadLetter: (id: string) => key(`dead-letter:${id}`),
    /** string with a TTL: somebody is sending this letter back. */
    deadLetterHold: (id: string) => key(`dead-letter-hold:${id}`),
    /** string with a TTL: who may open a stream by a ticket, as JSON. Name: the ticket's SHA-256 in hex. */
    ticket: (hash: string) => key(`ticket:${hash}`),
    /** string: a counter, raised with each group of writes whose replication is waited for. */
    replicationFence: key('replication-fence'),
    /** hash: task name → its definition as JSON. */
    tasks: key('tasks'),
    /** pub/sub channel: ids of jobs that reached a final state. */
    finishedChannel: key('finished'),
  };
};

export type Keys = ReturnType<typeof createKeys>;

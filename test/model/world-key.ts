/**
 * A world as a short text, the same for worlds that differ in nothing that could ever matter: workers and sweepers without
 * names; attempts, tokens, deliveries and publications not as numbers but as whether they are the job's current ones.
 */
import { at } from './at.ts';
import type { Call, ModelJob, Ref } from './record.ts';
import type { Rules } from './rules.ts';
import type { Sweeper, Worker, World } from './world.ts';

const statuses = ['none', 'queued', 'processing', 'done', 'failed', 'cancelled', 'expired'];
const delays = ['none', 'ahead', 'over'];
const dues = ['no', 'later', 'now'];
const clientStages = ['idle', 'posting', 'failed', 'accepted'];
const apiStages = ['none', 'received', 'written', 'sent', 'sent first', 'answered first', 'written late'];
const workerStages = ['idle', 'held', 'running', 'ran', 'ending'];
const outcomes = ['none', 'done', 'error', 'retry', 'out-of-memory', 'release'];
const sweeperStages = ['idle', 'looking', 'publishing'];
const scripts = ['claim', 'beat', 'complete', 'fail', 'release'];
const results = [
  '',
  'done',
  'error',
  'out-of-memory',
  'attempts-exhausted',
  'queue-timeout',
  'run-timeout',
  'settled',
];

const bits = (...flags: readonly boolean[]): number =>
  flags.reduce((sum, flag, index) => (flag ? sum + 2 ** index : sum), 0);

const text = (...numbers: readonly number[]): string => String.fromCharCode(...numbers);

const resultOf = ({ result, attempt }: ModelJob): number => {
  const [kind = '', by = ''] = result.split(' ');
  return results.indexOf(kind) * 2 + (by === String(attempt) ? 1 : 0);
};

const jobText = (world: World, job: ModelJob, index: number): string => {
  const { fresh, again } = at(world.ready, index);
  const confirm = at(world.confirms, index);
  return text(
    statuses.indexOf(job.status),
    bits(job.isWaiting, job.spent, job.hasTtl, job.isFinished, job.leaseOut, job.silent, job.runOver),
    bits(
      job.queueOver,
      job.expiryOver,
      job.token !== 0,
      job.attempt > 0 && job.settledAttempt === job.attempt,
    ),
    delays.indexOf(job.delay) * 3 + dues.indexOf(job.due),
    job.tries * 4 + Math.min(3, job.outOfMemory),
    resultOf(job),
    job.commits,
    // A confirmation of another publication than the last does nothing when it comes.
    (confirm !== 0 && confirm === job.publications ? 9 : 0) + fresh * 3 + again,
  );
};

const refText = ({ store }: World, ref: Ref | undefined): number => {
  if (!ref) return 0;
  const job = at(store.jobs, ref.job);
  if (ref.attempt !== job.attempt) return 1 + ref.job;
  return 8 + ref.job * 8 + bits(job.token === ref.token, job.life === ref.life);
};

/** Which jobs remember this delivery, and how. */
const nonceText = ({ store }: World, nonce: number): number =>
  store.jobs.reduce((sum, job) => {
    const swap = job.swapNonce === nonce ? 1 + job.swapJob : 0;
    return sum * 8 + swap * 2 + (job.nonce === nonce ? 1 : 0);
  }, 0);

const workerText = (world: World, worker: Worker): string => {
  const { late } = world;
  const isHeld = worker.stage === 'held';
  const isAlsoLate = isHeld && late?.script === 'claim' && late.nonce === worker.nonce;
  return text(
    workerStages.indexOf(worker.stage) * 6 + outcomes.indexOf(worker.outcome),
    bits(worker.isFrozen, worker.isOverdue, worker.redelivered, worker.hasMessage, isAlsoLate),
    worker.delivery + 1,
    refText(world, worker.ref),
    isHeld ? nonceText(world, worker.nonce) : 0,
  );
};

const lateText = (world: World, late: Call | undefined): string => {
  if (!late) return '';
  const kind = scripts.indexOf(late.script);
  if (late.script === 'claim') {
    return text(kind, late.job * 2 + Number(late.redelivered), nonceText(world, late.nonce));
  }
  if (!('ref' in late)) throw new Error(`${late.script} is never late`);
  const flavour = late.script === 'fail' ? bits(late.again, late.code === 'error') : 0;
  return text(kind, refText(world, late.ref), flavour);
};

const sweeperText = ({ store }: World, { stage, job, publication }: Sweeper): string => {
  const isCurrent = stage === 'publishing' && at(store.jobs, job).publications === publication;
  return text(sweeperStages.indexOf(stage) * 2 + Number(isCurrent), job + 1);
};

const clientText = (world: World): string =>
  world.clients
    .map(({ stage, job, again }, index) => {
      const api = at(world.apis, index);
      return text(
        clientStages.indexOf(stage) * 8 + job + 1,
        apiStages.indexOf(api.stage) * 8 + api.job + 1,
        again * 8 + at(world.store.keys, index) + 1,
      );
    })
    .join('');

export const worldKey = (rules: Rules, world: World): string => {
  // A store that can fall back to what it was may make old attempts current again: then every number counts.
  if (!rules.durable) return JSON.stringify({ ...world, nonces: 0 });
  return [
    text(
      world.faults,
      world.errors,
      world.acts,
      world.limits,
      Number(world.isPaused),
      world.store.pending + 8,
    ),
    clientText(world),
    ...world.store.jobs.map((job, index) => jobText(world, job, index)),
    ...world.workers.map((worker) => workerText(world, worker)).sort(),
    ...world.sweepers.map((sweeper) => sweeperText(world, sweeper)).sort(),
    lateText(world, world.late),
  ].join('');
};

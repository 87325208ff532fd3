/** Those who act on jobs, each with its faults: submitters, workers, sweepers, an owner, a janitor, and time that passes. */
import type { Attempt, ClaimResult } from '../jobs/job-store.ts';
import type { Interleaver } from './interleaver.ts';
import type { JobLedger } from './job-ledger.ts';
import type { LossyBroker, LossyMessage } from './lossy-broker.ts';
import { newJob, type TestJobStore, textOutput } from './test-job-store.ts';

export interface JobWorld {
  /** Connections of their own, as the actors have. */
  store: () => TestJobStore;
  broker: LossyBroker;
  ledger: JobLedger;
  interleaver: Interleaver;
  /** In [0, 1). */
  random: () => number;
  /** Share of answers that get lost, of runs that crash, freeze, fail. */
  faultShare: number;
  jobs: number;
  /** Attempts whose workers live and beat: time takes no lease from them. */
  beating: Set<string>;
  isOver: boolean;
}

/** Turns of a whole run, per job of a submitter. */
const turnsPerJob = 100;
/** Long enough for another worker to run the job meanwhile. */
const frozenTurns = 60;

const chance = ({ random, faultShare }: JobWorld): boolean => random() < faultShare;

/** Repeats a request until its answer arrives: it has taken effect each time. */
const insist = async <Answer>(world: JobWorld, ask: () => Promise<Answer>): Promise<Answer> => {
  for (;;) {
    await world.interleaver.turn();
    const answer = await ask();
    if (!chance(world)) return answer;
  }
};

const publish = async (world: JobWorld, store: TestJobStore, order: { id: string; publication: number }) => {
  await world.interleaver.turn();
  if (chance(world) || !world.broker.publish(order.id)) return;
  await world.interleaver.turn();
  if (!chance(world)) await store.dueJobs.published([order]);
};

export const submitter = (world: JobWorld, name: string) => async (): Promise<void> => {
  const store = world.store();
  for (let index = 0; index < world.jobs; index += 1) {
    let tries = 0;
    const outcome = await insist(world, async () => {
      tries += 1;
      const idempotency = { key: `${name} ${index}`, fingerprint: 'f' };
      const id = `${name}-${index}-${tries}`;
      const priority = world.random() < 0.2 ? 'high' : 'normal';
      const answer = await store.intake.accept(newJob({ id, owner: name, priority, idempotency }));
      return { answer, id };
    });
    const id = outcome.answer.kind === 'same' ? outcome.answer.id : outcome.id;
    world.ledger.accepted.add(id);
    await publish(world, store, { id, publication: 1 });
  }
};

const nameOf = ({ id, attempt }: Attempt): string => `${id} ${attempt}`;

const tellEnd = async (
  world: JobWorld,
  store: TestJobStore,
  attempt: Attempt,
): Promise<'ack' | 'requeue'> => {
  const drawn = world.random();
  if (drawn < 0.1) {
    await insist(world, async () => store.leases.release(attempt));
    return 'requeue';
  }
  if (drawn < 0.3) {
    const delayMs = drawn < 0.2 ? 1_000 : undefined;
    await insist(world, async () =>
      store.leases.fail(attempt, { code: 'c', message: nameOf(attempt) }, delayMs),
    );
    return 'ack';
  }
  await insist(world, async () => {
    const answer = await store.leases.complete(attempt, textOutput(nameOf(attempt)));
    if (answer === 'ok') world.ledger.committed(attempt.id);
    return answer;
  });
  return 'ack';
};

/** Computes for a while, and may crash or freeze. @returns whether there is an outcome to tell. */
const compute = async (
  world: JobWorld,
  store: TestJobStore,
  attempt: Attempt,
): Promise<'ran' | 'crashed' | 'lost'> => {
  for (let left = Math.floor(world.random() * 6); left > 0; left -= 1) {
    await world.interleaver.turn();
    if (chance(world)) return 'crashed';
    if (chance(world)) {
      // Frozen: it does not beat, and comes back late with its result.
      world.beating.delete(nameOf(attempt));
      for (let left = frozenTurns; left > 0; left -= 1) await world.interleaver.turn();
      return 'ran';
    }
    if ((await store.leases.beat(attempt)) !== 'ok') return 'lost';
  }
  return 'ran';
};

const runClaimed = async (
  world: JobWorld,
  store: TestJobStore,
  attempt: Attempt,
): Promise<'ack' | 'requeue'> => {
  world.beating.add(nameOf(attempt));
  const end = await compute(world, store, attempt);
  const answer = end === 'ran' ? await tellEnd(world, store, attempt) : 'ack';
  world.beating.delete(nameOf(attempt));
  return end === 'crashed' ? 'requeue' : answer;
};

const claim = async (
  world: JobWorld,
  store: TestJobStore,
  asked: { message: LossyMessage; worker: string; nonce: string },
): Promise<ClaimResult> => {
  const { message, worker, nonce } = asked;
  const { id, redelivered } = message;
  return insist(world, async () => store.leases.claim({ id, pool: 'factorial', worker, nonce, redelivered }));
};

export const worker = (world: JobWorld, name: string) => async (): Promise<void> => {
  const store = world.store();
  for (let delivery = 0; !world.isOver; delivery += 1) {
    await world.interleaver.turn();
    const message = world.broker.take();
    if (!message) continue;
    const given = await claim(world, store, { message, worker: name, nonce: `${name} ${delivery}` });
    const answer = given.kind === 'ok' ? await runClaimed(world, store, given) : 'ack';
    if (answer === 'requeue' || chance(world)) world.broker.giveBack(message);
  }
};

export const sweeper = (world: JobWorld) => async (): Promise<void> => {
  const store = world.store();
  while (!world.isOver) {
    await world.interleaver.turn();
    const ids = await store.dueJobs.due(5);
    for (const id of ids) {
      await world.interleaver.turn();
      const mayPublish = world.random() < 0.7;
      const outcome = await store.dueJobs.reap(id, mayPublish);
      // A crash after the order and before the message is one of the answers that get lost.
      if (outcome.kind === 'publish' && !chance(world)) await publish(world, store, outcome.publication);
    }
  }
};

const anyOf = <Item>(items: readonly Item[], random: () => number): Item | undefined =>
  items[Math.floor(random() * items.length)];

/** Cancels now and then, runs again what failed, looks at what has ended. */
export const owner = (world: JobWorld) => async (): Promise<void> => {
  const store = world.store();
  while (!world.isOver) {
    await world.interleaver.turn();
    const id = anyOf([...world.ledger.accepted], world.random);
    if (id === undefined) continue;
    await world.ledger.look(id);
    const drawn = world.random();
    if (drawn < 0.03) await store.intake.cancel(id);
    if (drawn > 0.03) continue;
    const outcome = await store.intake.retry(id);
    if (outcome.kind !== 'queued') continue;
    world.ledger.newLife(id);
    await publish(world, store, outcome.publication);
  }
};

export const janitor = (world: JobWorld) => async (): Promise<void> => {
  const store = world.store();
  while (!world.isOver) {
    await world.interleaver.turn();
    const [oldest] = await store.retention.oldestFinished(1);
    if (oldest && world.random() < 0.05) await store.finishedPast(oldest.id);
    for (const id of await store.retention.expired(5)) {
      await world.interleaver.turn();
      await store.retention.expire(id, 'due');
    }
  }
};

/** Lets time pass for one job: its next look, its delay, the lease of a holder that does not beat. */
export const passTime = async (world: JobWorld, store: TestJobStore, id: string): Promise<void> => {
  if ((await store.dueAt(id)) === undefined) return;
  const [status, attempt, notBefore] = await Promise.all([
    store.field(id, 'status'),
    store.field(id, 'attempt'),
    store.field(id, 'notBefore'),
  ]);
  if (status === 'processing') {
    if (world.beating.has(`${id} ${attempt ?? ''}`)) return;
    await store.passed(id, 'beatAt');
    await store.expireLease(id);
    return;
  }
  if (notBefore !== null) await store.passed(id, 'notBefore');
  await store.makeDue(id);
};

export const time = (world: JobWorld) => async (): Promise<void> => {
  const store = world.store();
  while (!world.isOver) {
    await world.interleaver.turn();
    const id = anyOf([...world.ledger.accepted], world.random);
    if (id !== undefined) await passTime(world, store, id);
    if (world.random() < 0.01) world.broker.loseAll();
  }
};

/** Ends the run when this many turns have passed: what is unfinished then is for the sweep to quiescence. */
export const end = (world: JobWorld) => async (): Promise<void> => {
  for (let left = world.jobs * turnsPerJob; left > 0; left -= 1) await world.interleaver.turn();
  world.isOver = true;
};

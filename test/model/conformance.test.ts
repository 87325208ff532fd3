/**
 * The model against the store it speaks of: random walks through the model are done on a real Redis, script by script. Each must answer what
 * the model answers, and leave what the model says. A walk that fails is told with its seed: `MODEL_SEED=… npx vitest run test/model/conformance.test.ts`
 * walks it alone. `MODEL_WALKS` makes it more.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../../bench/scaler-simulator/random.ts';
import { createTestRedis, type TestRedis } from '../../packages/core/src/testing/test-redis.ts';
import { at } from './at.ts';
import { next } from './next.ts';
import { safeRules } from './rules.ts';
import type { Model, Step } from './steps.ts';
import { createStoreReplay, type StoreReplay, visible, visibleAnswer } from './store-replay.ts';
import { oneJob } from './variants.ts';
import { firstWorld, type World } from './world.ts';

const plenty = 1_000_000;
const bounds = {
  ...oneJob,
  jobs: 2,
  lastIsUrgent: true,
  clients: 2,
  sweepers: 2,
  submissionsAgain: 3,
  faults: plenty,
  errors: plenty,
  // Few: an expiry is the end of a walk.
  acts: 5,
  limits: 4,
};
const model: Model = { bounds, rules: safeRules };

const firstSeed = Number(process.env['MODEL_SEED'] ?? 1);
const walks = process.env['MODEL_SEED'] === undefined ? Number(process.env['MODEL_WALKS'] ?? 150) : 1;
const stepsOfAWalk = 100;

/** Every script with every answer that a walk can get. */
const allAnswers = Object.entries({
  accept: ['OK', 'SAME'],
  published: ['OK'],
  claim: ['OK', 'OK another', 'BUSY', 'TERMINAL', 'GONE'],
  beat: ['OK', 'LOST', 'CANCEL'],
  complete: ['OK', 'SAME', 'STALE', 'GONE'],
  fail: ['OK', 'SAME', 'STALE'],
  release: ['OK', 'SAME', 'STALE'],
  settle: ['OK', 'SAME', 'STALE'],
  reap: ['PUBLISH', 'WAIT', 'FAILED', 'DROP'],
  cancel: ['OK', 'FINAL'],
  retry: ['OK', 'WRONG'],
  expire: ['OK', 'WRONG'],
}).flatMap(([script, words]) => words.map((word) => `${script} ${word}`));

let testRedis: TestRedis;
beforeAll(async () => {
  testRedis = await createTestRedis();
});
afterAll(async () => testRedis.close());

const pick = <Item>(items: readonly Item[], random: () => number): Item =>
  at(items, Math.floor(random() * items.length));

type Kind = 'by itself' | 'of a run' | 'other';

/** What ends runs and loses answers would be crowded out by all else that can go wrong. */
const kindOf = ({ isExtra, label }: Step): Kind => {
  if (!isExtra) return 'by itself';
  return /answer is lost|the run of/.test(label) ? 'of a run' : 'other';
};

const shares: readonly [Kind, number][] = [
  ['other', 0.15],
  ['of a run', 0.35],
  ['by itself', 1],
];

const choose = (world: World, random: () => number): Step | undefined => {
  const all = next(model, world);
  if (all.length === 0) return undefined;
  const drawn = random();
  const [kind] = shares.find(([, upTo]) => drawn < upTo) ?? ['by itself'];
  const wanted = all.filter((step) => kindOf(step) === kind);
  const byScript = Object.values(
    Object.groupBy(wanted.length > 0 ? wanted : all, ({ calls }) => calls[0]?.call.script ?? 'none'),
  );
  return pick(pick(byScript, random) ?? all, random);
};

const nameOf = ({ call, answer }: Step['calls'][number]): string => {
  const isAnother = call.script === 'claim' && answer.ref !== undefined && answer.ref.job !== call.job;
  return `${call.script} ${answer.word}${isAnother ? ' another' : ''}`;
};

const doStep = async (replay: StoreReplay, step: Step, where: string): Promise<void> => {
  for (const passed of step.passed) await replay.pass(passed);
  for (const { call, answer } of step.calls) {
    expect(await replay.call(call, answer), where).toEqual(visibleAnswer(answer));
  }
  const { jobs, pending } = step.state.store;
  const read = await Promise.all([replay.pending(), ...jobs.map(async (_, index) => replay.read(index))]);
  expect(read, where).toEqual([pending, ...jobs.map(visible)]);
};

/** @returns the scripts that ran, with their answers. */
const walk = async (seed: number): Promise<string[]> => {
  const source = createRandom(seed);
  const random = (): number => source.next();
  const replay = createStoreReplay(testRedis, bounds);
  const labels: string[] = [];
  const seen: string[] = [];
  let world = firstWorld(bounds);
  for (let count = 0; count < stepsOfAWalk; count += 1) {
    const step = choose(world, random);
    if (!step) break;
    labels.push(step.label);
    seen.push(...step.calls.map(nameOf));
    if (step.calls.length + step.passed.length > 0) {
      await doStep(replay, step, `MODEL_SEED=${seed}:\n${labels.join('\n')}`);
    }
    world = step.state;
  }
  await replay.clear();
  return seen;
};

const manyMs = 120_000;

test(
  'the scripts answer and leave what the model says on every walk',
  async () => {
    const seen = new Set<string>();
    for (let index = 0; index < walks; index += 1) {
      for (const name of await walk(firstSeed + index)) seen.add(name);
    }
    // One walk alone does not see all of them.
    const expected = walks === 1 ? ['accept OK'] : allAnswers;
    expect(expected.filter((name) => !seen.has(name))).toEqual([]);
  },
  manyMs,
);

/** What an admin does with dead letters: looks at them, sends them back to work, throws them away. */
import { toError } from '@factorial/core/errors/to-error';
import type { DeadLetter, DeadLetterPlace, DeadLetters } from '@factorial/core/jobs/redis-dead-letters';
import type { Logger } from '@factorial/core/ops/logger';
import type { DeadLetterQueue } from '@factorial/core/queue/dead-letter-queue';
import { collectDeadLetters, type CollectDeps } from './collect.ts';

export interface DeadLetterDeskDeps extends CollectDeps {
  letters: DeadLetters;
  queue: DeadLetterQueue;
  logger: Logger;
}

export interface LetterPage {
  letters: DeadLetter[];
  /** Place of the page's last letter; absent on the last page. */
  next?: number;
  /** Letters that lie in the broker still: there is no room for them before others are gone. */
  uncollected: number;
}

/** Some by their ids, or all of these pools. */
export type LetterSelection = { ids: readonly string[] } | { pools: readonly string[] };

export const whyLeft = ['missing', 'held', 'cut', 'unconfirmed', 'untried'] as const;
export interface LeftLetter {
  id: string;
  /**
   * `held`: somebody else is sending it. `unconfirmed`: the broker did not say that it has it. `untried`: the broker confirmed
   * none of those before it, or the time was over.
   */
  why: (typeof whyLeft)[number];
}

export interface Redriven {
  redriven: number;
  left: LeftLetter[];
  /** Of these pools, where all were chosen: letters in the broker by now; absent where it does not tell. */
  uncollected?: number;
}

export interface DeadLetterDesk {
  /** @param after place of the letter before the page. */
  list(query: { pools: readonly string[]; limit: number; after?: number | undefined }): Promise<LetterPage>;
  /**
   * Each letter goes back into its pool's queue, and is forgotten once the broker has confirmed that. The rest stays when it
   * confirms none of ten at once, or after 20 s.
   */
  redrive(selection: LetterSelection): Promise<Redriven>;
  /** @returns how many letters there were. */
  purge(selection: LetterSelection): Promise<number>;
}

/** Sent at a time. */
const atOnce = 10;

/** No further ones are sent after that: whoever waits for the answer has it within some 5 s more, the wait for a confirm. */
const longestRedriveMs = 20_000;

const inPools = (places: readonly DeadLetterPlace[], pools: readonly string[]): DeadLetterPlace[] =>
  places.filter(({ pool }) => pools.includes(pool));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const uncollectedIn = async ({ queue }: DeadLetterDeskDeps, pools: readonly string[]): Promise<number> =>
  sum(await Promise.all(pools.map(async (pool) => queue.waiting(pool))));

const list = async (
  deps: DeadLetterDeskDeps,
  { pools, limit, after = 0 }: Parameters<DeadLetterDesk['list']>[0],
): Promise<LetterPage> => {
  await collectDeadLetters(deps, pools);
  const rest = inPools(await deps.letters.places(), pools).filter(({ order }) => order > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    letters: await deps.letters.read(page.map(({ id }) => id)),
    ...(last === undefined || rest.length <= limit ? {} : { next: last.order }),
    uncollected: await uncollectedIn(deps, pools),
  };
};

type Fate = 'redriven' | LeftLetter['why'];

/** Confirmed first, forgotten then: whoever dies in between leaves it to be sent twice, which costs a look at it. */
const send = async ({ letters, queue, logger }: DeadLetterDeskDeps, letter: DeadLetter): Promise<Fate> => {
  const { id, pool, body, messageId, contentType, traceparent } = letter;
  try {
    await queue.redrive(pool, { content: body, messageId, contentType, traceparent });
  } catch (thrown) {
    logger.warn({ err: toError(thrown), letterId: id }, 'dead letter not redriven');
    await letters.release(id);
    return 'unconfirmed';
  }
  await letters.drop([id]);
  return 'redriven';
};

const redriveOne = async (deps: DeadLetterDeskDeps, id: string): Promise<Fate> => {
  if (!(await deps.letters.hold(id))) return 'held';
  const [letter] = await deps.letters.read([id]);
  if (letter?.isWhole) return send(deps, letter);
  await deps.letters.release(id);
  return letter ? 'cut' : 'missing';
};

/** Chosen once: a letter that dies again meanwhile is another one. */
const choose = async (deps: DeadLetterDeskDeps, selection: LetterSelection): Promise<readonly string[]> => {
  if ('ids' in selection) return [...new Set(selection.ids)];
  await collectDeadLetters(deps, selection.pools);
  return inPools(await deps.letters.places(), selection.pools).map(({ id }) => id);
};

const redriveBatch = async (deps: DeadLetterDeskDeps, batch: readonly string[]): Promise<LeftLetter[]> => {
  const fates = await Promise.all(batch.map(async (id) => ({ id, fate: await redriveOne(deps, id) })));
  return fates.flatMap(({ id, fate }) => (fate === 'redriven' ? [] : [{ id, why: fate }]));
};

/** Those of a batch that were sent, and none of them confirmed: the next ones would be waited for in vain. */
const isInVain = (batch: readonly string[], left: readonly LeftLetter[]): boolean =>
  left.length === batch.length && left.some(({ why }) => why === 'unconfirmed');

const redriveEach = async (deps: DeadLetterDeskDeps, ids: readonly string[]): Promise<Redriven> => {
  const endMs = deps.clock.now() + longestRedriveMs;
  const left: LeftLetter[] = [];
  let at = 0;
  while (at < ids.length && deps.clock.now() < endMs) {
    const batch = ids.slice(at, at + atOnce);
    const leftOfBatch = await redriveBatch(deps, batch);
    left.push(...leftOfBatch);
    at += batch.length;
    if (isInVain(batch, leftOfBatch)) break;
  }
  left.push(...ids.slice(at).map((id) => ({ id, why: 'untried' as const })));
  return { redriven: ids.length - left.length, left };
};

/** What became of the letters is told in any case: it is not known again. */
const uncollectedIfTold = async (
  deps: DeadLetterDeskDeps,
  pools: readonly string[],
): Promise<Pick<Redriven, 'uncollected'>> => {
  try {
    return { uncollected: await uncollectedIn(deps, pools) };
  } catch (thrown) {
    deps.logger.warn({ err: toError(thrown) }, 'broker does not tell how many dead letters it has');
    return {};
  }
};

const redrive = async (deps: DeadLetterDeskDeps, selection: LetterSelection): Promise<Redriven> => {
  const result = await redriveEach(deps, await choose(deps, selection));
  return 'ids' in selection ? result : { ...result, ...(await uncollectedIfTold(deps, selection.pools)) };
};

const purgeAll = async (
  { letters, queue }: DeadLetterDeskDeps,
  pools: readonly string[],
): Promise<number> => {
  const uncollected = await Promise.all(pools.map(async (pool) => queue.purge(pool)));
  const ids = inPools(await letters.places(), pools).map(({ id }) => id);
  return sum(uncollected) + (await letters.drop(ids));
};

export const createDeadLetterDesk = (deps: DeadLetterDeskDeps): DeadLetterDesk => ({
  list: async (query) => list(deps, query),
  redrive: async (selection) => redrive(deps, selection),
  purge: async (selection) =>
    'ids' in selection ? deps.letters.drop(selection.ids) : purgeAll(deps, selection.pools),
});

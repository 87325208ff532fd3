/** Lets many actors run, one step at a time, in an order that chance chooses: the same chance gives the same order. */

export interface Interleaver {
  /** Resolves when it is the caller's turn. Every effect on what actors share stands behind one. */
  turn: () => Promise<void>;
  /** Runs all actors to their end. @throws what one of them threw. */
  run: (actors: readonly (() => Promise<void>)[]) => Promise<void>;
}

/** @param random in [0, 1). */
export const createInterleaver = (random: () => number): Interleaver => {
  const waiting: (() => void)[] = [];
  let running = 0;
  let onRest = (): void => undefined;

  const rest = (): void => {
    running -= 1;
    if (running === 0) onRest();
  };

  const turn = async (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      rest();
    });

  /** Everybody waits for a turn or has ended: one goes on. */
  const goOn = (): boolean => {
    const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
    if (!next) return false;
    running += 1;
    next();
    return true;
  };

  const allWait = async (): Promise<void> =>
    new Promise((resolve) => {
      onRest = resolve;
      if (running === 0) resolve();
    });

  return {
    turn,
    run: async (actors) => {
      running += actors.length;
      const ends = Promise.all(actors.map(async (act) => act().finally(rest)));
      do await allWait();
      while (goOn());
      await ends;
    },
  };
};

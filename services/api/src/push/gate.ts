/** Lets so many pieces of work run at a time, in the order in which they came: a crowd that comes at once waits here, not in Redis's line. */

/** Runs the work when its turn comes. */
export type Gate = <Value>(work: () => Promise<Value>) => Promise<Value>;

export const createGate = (places: number): Gate => {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (work) => {
    if (free > 0) {
      free -= 1;
    } else {
      const turn = Promise.withResolvers<void>();
      waiting.push(turn.resolve);
      await turn.promise;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
};

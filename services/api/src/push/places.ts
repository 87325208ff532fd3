/** Counts what is taken of something of which there is so much in all, and so much for one owner. */

export interface PlaceLimits {
  all: number;
  owner: number;
}

export interface Places {
  /** Takes so many, or none. @returns whose limit is in the way; undefined: they are taken. */
  take: (owner: string, count: number) => keyof PlaceLimits | undefined;
  give: (owner: string, count: number) => void;
}

export const createPlaces = (limits: PlaceLimits): Places => {
  const byOwner = new Map<string, number>();
  let taken = 0;
  const of = (owner: string): number => byOwner.get(owner) ?? 0;

  const change = (owner: string, by: number): void => {
    taken += by;
    const left = of(owner) + by;
    if (left > 0) byOwner.set(owner, left);
    else byOwner.delete(owner);
  };

  return {
    take: (owner, count) => {
      if (taken + count > limits.all) return 'all';
      if (of(owner) + count > limits.owner) return 'owner';
      change(owner, count);
      return undefined;
    },
    give: (owner, count) => change(owner, -count),
  };
};

/** How many deliveries are under way in all, for one target's host and for one owner: each has its share, and none holds up the others. */
/** At a time. */
export interface SlotLimits {
  total: number;
  perHost: number;
  perOwner: number;
}

/** Whose shares a delivery takes. */
export interface SharedBy {
  host: string;
  owner: string;
}

export interface Slots {
  isFreeFor(delivery: SharedBy): boolean;
  /** @returns what gives it back. */
  take(delivery: SharedBy): () => void;
  /** How many there are left in all. */
  free(): number;
}

const createCounts = () => {
  const counts = new Map<string, number>();
  const of = (key: string): number => counts.get(key) ?? 0;
  return {
    of,
    raise: (key: string): void => void counts.set(key, of(key) + 1),
    lower: (key: string): void => {
      if (of(key) > 1) counts.set(key, of(key) - 1);
      else counts.delete(key);
    },
  };
};

export const createSlots = ({ total, perHost, perOwner }: SlotLimits): Slots => {
  const hosts = createCounts();
  const owners = createCounts();
  let taken = 0;
  return {
    isFreeFor: ({ host, owner }) => taken < total && hosts.of(host) < perHost && owners.of(owner) < perOwner,
    take: ({ host, owner }) => {
      taken += 1;
      hosts.raise(host);
      owners.raise(owner);
      return () => {
        taken -= 1;
        hosts.lower(host);
        owners.lower(owner);
      };
    },
    free: () => total - taken,
  };
};

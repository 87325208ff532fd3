/** Counts what all WebSockets of this replica follow: each subscription costs some 2 KB, and a thousand sockets might follow a thousand jobs each. */
import { AppError } from '@factorial/core/errors/app-error';

export interface FollowerPlaces {
  /** @throws AppError `too-many-subscriptions`: none was taken. */
  take: (owner: string, count: number) => void;
  release: (owner: string) => void;
}

export interface FollowerLimits {
  max: number;
  maxPerOwner: number;
}

const tooMany = (who: string, max: number): AppError =>
  new AppError(
    'too-many-subscriptions',
    `On this replica ${max} subscriptions are the most for ${who}; none of these was added.`,
  );

export const createFollowerPlaces = ({ max, maxPerOwner }: FollowerLimits): FollowerPlaces => {
  const byOwner = new Map<string, number>();
  let taken = 0;

  const change = (owner: string, by: number): void => {
    taken += by;
    const left = (byOwner.get(owner) ?? 0) + by;
    if (left > 0) byOwner.set(owner, left);
    else byOwner.delete(owner);
  };

  return {
    take: (owner, count) => {
      if (taken + count > max) throw tooMany('all connections together', max);
      if ((byOwner.get(owner) ?? 0) + count > maxPerOwner)
        throw tooMany('all your connections together', maxPerOwner);
      change(owner, count);
    },
    release: (owner) => change(owner, -1),
  };
};

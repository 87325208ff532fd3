/** Counts the streams that are open on this replica, and refuses those that are too many: each costs memory for as long as it lives. */
import { AppError } from '@factorial/core/errors/app-error';
import { createPlaces } from './places.ts';

export const streamKinds = ['sse', 'websocket'] as const;
export type StreamKind = (typeof streamKinds)[number];

export interface OpenStreams {
  /**
   * Takes a place. @returns what gives it back; a second call does nothing.
   * @throws AppError `too-many-streams`.
   */
  open: (kind: StreamKind, owner: string) => () => void;
  count: (kind: StreamKind) => number;
}

export interface StreamLimits {
  maxStreams: number;
  maxStreamsPerOwner: number;
}

const retryAfterSeconds = 10;

const tooMany = (whose: string, max: number): AppError =>
  new AppError('too-many-streams', `${whose} ${max} streams open on this replica, which is the limit.`, {
    retryAfterSeconds,
  });

export const createOpenStreams = ({ maxStreams, maxStreamsPerOwner }: StreamLimits): OpenStreams => {
  const byKind: Record<StreamKind, number> = { sse: 0, websocket: 0 };
  const places = createPlaces({ all: maxStreams, owner: maxStreamsPerOwner });

  return {
    open: (kind, owner) => {
      const full = places.take(owner, 1);
      if (full === 'all') throw tooMany('There are', maxStreams);
      if (full === 'owner') throw tooMany('You have', maxStreamsPerOwner);
      byKind[kind] += 1;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        byKind[kind] -= 1;
        places.give(owner, 1);
      };
    },
    count: (kind) => byKind[kind],
  };
};

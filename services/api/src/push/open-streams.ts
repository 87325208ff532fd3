/** Counts the streams that are open on this replica, and refuses those that are too many: each costs memory for as long as it lives. */
import { AppError } from '@factorial/core/errors/app-error';

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
  const byOwner = new Map<string, number>();

  const change = (kind: StreamKind, owner: string, by: 1 | -1): void => {
    byKind[kind] += by;
    const left = (byOwner.get(owner) ?? 0) + by;
    if (left > 0) byOwner.set(owner, left);
    else byOwner.delete(owner);
  };

  return {
    open: (kind, owner) => {
      if (byKind.sse + byKind.websocket >= maxStreams) throw tooMany('There are', maxStreams);
      if ((byOwner.get(owner) ?? 0) >= maxStreamsPerOwner) throw tooMany('You have', maxStreamsPerOwner);
      change(kind, owner, 1);
      let isOpen = true;
      return () => {
        if (isOpen) change(kind, owner, -1);
        isOpen = false;
      };
    },
    count: (kind) => byKind[kind],
  };
};

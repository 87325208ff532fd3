/** What WebSockets may take of this process. */
export interface SocketLimits {
  /** Jobs followed at a time on all of them, and on those of one owner. Each takes some 2 KB. */
  maxFollowed: number;
  maxFollowedPerOwner: number;
  /** Jobs followed at a time on one of them; what follows is for one, too. */
  maxSubscriptions: number;
  /** A frame of the client's, in as many fragments as it likes to send it in. */
  maxFrameBytes: number;
  /** Of those, and of pieces that the network makes: each costs more memory than the byte that may be all that is in it. */
  maxFragments: number;
  maxPieces: number;
  /** Above this much that the client has not read, further events stay in Redis. */
  fullBytes: number;
  /** Below this much they are told again. */
  roomBytes: number;
  /** Never is there more. What had been read for other jobs when it became full comes on top of `fullBytes`. */
  hardBytes: number;
  /** A client that makes no room for this long is too slow. */
  stallMs: number;
  /** From one ping to the next; who has not answered by then is gone. */
  pingEveryMs: number;
  /** How long a client may take to answer a close. */
  closeMs: number;
  /** The same where the server stops: nobody waits for a client then. */
  goingAwayMs: number;
}

export const defaultSocketLimits: SocketLimits = {
  maxFollowed: 20_000,
  maxFollowedPerOwner: 10_000,
  maxSubscriptions: 1_000,
  maxFrameBytes: 64 * 1024,
  maxFragments: 64,
  maxPieces: 1_024,
  fullBytes: 64 * 1024,
  roomBytes: 16 * 1024,
  hardBytes: 8 * 1024 * 1024,
  stallMs: 30_000,
  pingEveryMs: 15_000,
  closeMs: 5_000,
  goingAwayMs: 1_000,
};

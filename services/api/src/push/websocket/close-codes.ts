/** How the server ends a WebSocket (RFC 6455, section 7.4; from 4000 on they are an application's own). */
export const closeCodes = {
  /** The server stops: open it again, another one answers. */
  goingAway: 1001,
  /** A binary frame: there are none here. */
  unsupportedData: 1003,
  /** Frames that cannot be read, one after the other. */
  policyViolation: 1008,
  /** The client does not read what it is sent. */
  tryAgainLater: 1013,
  /** The token that opened it is good no longer. */
  tokenExpired: 4401,
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

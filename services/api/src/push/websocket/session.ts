/** One WebSocket, from its opening to its end: obeys its client's frames, and closes for each reason there is. */
import type { VerifiedToken } from '@factorial/core/auth/verify-token';
import type { Clock } from '@factorial/core/time/clock';
import type { WebSocket } from 'ws';
import { toAppError } from '../../http/problem.ts';
import { whenTokenEnds } from '../when-token-ends.ts';
import { type ClientFrame, parseClientFrame } from './client-frames.ts';
import { type CloseCode, closeCodes } from './close-codes.ts';
import { startHeartbeat } from './heartbeat.ts';
import { readFrames } from './inbox.ts';
import { createOutbox } from './outbox.ts';
import { errorFrame } from './server-frames.ts';
import type { SocketLimits } from './socket-limits.ts';
import { createSubscriptions, type SubscriptionsDeps } from './subscriptions.ts';

export interface SessionDeps extends Pick<SubscriptionsDeps, 'find' | 'events' | 'log' | 'logger'> {
  clock: Clock;
  limits: SocketLimits;
}

export interface Session {
  close: (code: CloseCode, reason: string) => void;
}

const maxMalformedInARow = 3;

export const openSession = (ws: WebSocket, caller: VerifiedToken, deps: SessionDeps): Session => {
  const { limits, clock } = deps;

  const close = (code: CloseCode, reason: string): void => {
    subscriptions.stop();
    if (ws.readyState !== ws.OPEN) return;
    ws.close(code, reason);
    // The client's answer has to be read.
    ws.resume();
  };
  const outbox = createOutbox(ws, {
    limits,
    onRoom: () => subscriptions.resume(),
    onSlow: () =>
      close(closeCodes.tryAgainLater, 'you read too slowly; come again and go on after the last event'),
  });
  const subscriptions = createSubscriptions({
    ...deps,
    caller,
    outbox,
    maxSubscriptions: limits.maxSubscriptions,
  });

  let malformedInARow = 0;
  const parse = (text: string): ClientFrame | undefined => {
    try {
      const frame = parseClientFrame(text);
      malformedInARow = 0;
      return frame;
    } catch (error) {
      outbox.send(errorFrame(toAppError(error)));
      malformedInARow += 1;
      if (malformedInARow === maxMalformedInARow)
        close(closeCodes.policyViolation, 'frames that cannot be read');
      return undefined;
    }
  };
  const obey = async ({ subscribe, unsubscribe }: ClientFrame): Promise<void> => {
    try {
      if (subscribe) await subscriptions.subscribe(subscribe);
      if (unsubscribe) subscriptions.unsubscribe(unsubscribe);
    } catch (error) {
      outbox.send(errorFrame(toAppError(error)));
    }
  };

  readFrames(ws, {
    handle: async (text) => {
      const frame = parse(text);
      if (frame) await obey(frame);
    },
    room: outbox.room,
    onBinary: () => close(closeCodes.unsupportedData, 'there are no binary frames here'),
  });
  const stopHeartbeat = startHeartbeat(ws, { everyMs: limits.pingEveryMs, isFull: outbox.isFull });
  const forgetToken = whenTokenEnds(caller, clock, () =>
    close(closeCodes.tokenExpired, 'the token has expired'),
  );
  // Too large frames, broken text, a connection that is lost: it closes by itself.
  ws.on('error', () => undefined);
  ws.once('close', () => {
    forgetToken();
    stopHeartbeat();
    subscriptions.stop();
    outbox.over();
  });
  return { close };
};

/**
 * Requests that ask for another protocol on their connection. The app answers them like any other request, so that they meet the same
 * authentication and the same errors; a route that grants the wish takes the connection out of the app's hands.
 */
import { type IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Response } from 'express';

export interface Upgrade {
  socket: Socket;
  /** What the client has sent beyond the request. */
  head: Buffer;
}

export interface Upgrades {
  /** Lets the app answer, after which the connection is closed, unless a route takes it. */
  answer: (app: RequestListener, req: IncomingMessage, upgrade: Upgrade) => void;
  /** The connection behind a request; undefined where it asked for no other protocol. */
  of: (req: IncomingMessage) => Upgrade | undefined;
}

const destroy = function destroy(this: Socket): void {
  this.destroy();
};

export const createUpgrades = (): Upgrades => {
  const offered = new WeakMap<IncomingMessage, Upgrade>();
  return {
    answer: (app, req, upgrade) => {
      const { socket } = upgrade;
      // Node has taken its own listener away: without one, a client that goes would end the process.
      socket.on('error', destroy);
      const res = new ServerResponse(req);
      res.shouldKeepAlive = false;
      res.assignSocket(socket);
      res.once('finish', () => socket.destroySoon());
      offered.set(req, upgrade);
      app(req, res);
    },
    of: (req) => offered.get(req),
  };
};

/** The connection is another protocol's from now on: the app's answer is over, with 101. */
export const handOver = (res: Response, { socket }: Upgrade): void => {
  res.detachSocket(socket);
  res.statusCode = 101;
  res.emit('close');
};

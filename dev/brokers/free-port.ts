/** Chooses loopback TCP ports for programs that cannot choose one themselves. */
import { createServer } from 'node:net';

const loopback = '127.0.0.1';

/**
 * Below the range from which systems take the local ports of outgoing connections (Linux: 32768 and up, others: 49152 and up).
 * A port inside it could be taken while its broker is restarted, even by a client's own attempt to connect to that port.
 */
const lowestPort = 15_000;
const highestPort = 32_000;

/** @returns whether a server could listen on this port now. */
export const isPortFree = async (port: number, host = loopback): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

/**
 * @param random numbers in [0, 1); `Math.random` mostly.
 * @returns a port nobody listens on.
 * @throws when 200 tries found none.
 */
export const freePort = async (random: () => number): Promise<number> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = lowestPort + Math.floor(random() * (highestPort - lowestPort));
    if (await isPortFree(port)) return port;
  }
  throw new Error(`no free port found from ${lowestPort} to ${highestPort}`);
};

/** @returns the given port when it is there and free, else a free one. */
export const keepOrFreePort = async (port: number | undefined, random: () => number): Promise<number> =>
  port !== undefined && (await isPortFree(port)) ? port : freePort(random);

/** A network between two programs that a test can cut, hold up, slow down, break off, or speak into. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Transform, type TransformCallback } from 'node:stream';

export interface TcpProxy {
  port: number;
  /** The (first) given URL with this proxy's address in place of the other side's. */
  url: string;
  /** Connections open now. */
  links(): number;
  /** Ends all connections; new ones are still taken. */
  cut(): void;
  /** Nothing gets through any more, and nobody is told, not even of an end: new connections are taken and left hanging too. */
  freeze(): void;
  thaw(): void;
  /** Everything takes this much longer, in each direction; 0: as fast as it comes. */
  slow(delayMs: number): void;
  /** The next answer on each open connection is broken off by a reset after so many bytes. */
  resetAnswers(afterBytes: number): void;
  /** Refuses new connections and ends those there are, as a program that is away does. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Speaks in the other side's place; the bytes have to make sense where they come in. */
  sayToClients(bytes: Buffer): void;
  sayToServer(bytes: Buffer): void;
  close(): Promise<void>;
}

interface Link {
  client: Socket;
  server: Socket;
  /** Set for the next answer alone. */
  resetAfter?: number;
}

/** What the network does to all that passes. */
interface Weather {
  isFrozen: boolean;
  delayMs: number;
  /** Called when it thaws. */
  waiting: Set<() => void>;
}

const destroyLink = ({ client, server }: Link): void => {
  client.destroy();
  server.destroy();
};

const whenThawed = (weather: Weather, act: () => void): void => {
  if (weather.isFrozen) weather.waiting.add(act);
  else act();
};

type Pass = (chunk: Buffer, onward: TransformCallback) => void;

/** One direction of a link: chunks in their order, each when the weather lets it. */
const createPassage = (
  weather: Weather,
  pass: (chunk: Buffer, onward: TransformCallback) => void,
): Transform =>
  new Transform({
    transform: (chunk: Buffer, _encoding, onward) => {
      const arrive = (): void => whenThawed(weather, () => pass(chunk, onward));
      if (weather.delayMs > 0) setTimeout(arrive, weather.delayMs);
      else arrive();
    },
    flush: (onward) => whenThawed(weather, onward),
  });

/** @returns what couples one side to the other: what comes passes when the weather lets it, and so does the news of an end. */
const createCoupling =
  (weather: Weather) =>
  (from: Socket, to: Socket, pass: Pass): void => {
    const passage = createPassage(weather, pass);
    from.pipe(passage).pipe(to);
    const end = (): void => whenThawed(weather, () => void to.destroy());
    passage.on('error', () => undefined);
    from.on('error', end);
    from.on('close', end);
  };

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  return address.port;
};

const tryConnect = async (target: URL | undefined): Promise<Socket | undefined> => {
  const server = connect(Number(target?.port), target?.hostname);
  server.on('error', () => undefined);
  return once(server, 'connect').then(
    () => server,
    () => undefined,
  );
};

/** Breaks the answer off where it was ordered; what comes before that arrives. */
const answerOn =
  (link: Link): Pass =>
  (chunk: Buffer, onward: TransformCallback): void => {
    const { resetAfter } = link;
    if (resetAfter === undefined) return onward(null, chunk);
    link.client.write(chunk.subarray(0, resetAfter), () => link.client.resetAndDestroy());
    link.server.destroy();
  };

/** @param targetUrls where it leads to; each has to name a port. Of several, connections take turns. */
export const startTcpProxy = async (...targetUrls: readonly [string, ...string[]]): Promise<TcpProxy> => {
  const targets = targetUrls.map((text) => new URL(text));
  const links = new Set<Link>();
  const weather: Weather = { isFrozen: false, delayMs: 0, waiting: new Set() };
  const couple = createCoupling(weather);
  let turn = 0;

  /** The next in turn, or of those after it the first that is there. */
  const reach = async (): Promise<Socket | undefined> => {
    for (let tries = 0; tries < targets.length; tries += 1) {
      const server = await tryConnect(targets[turn++ % targets.length]);
      if (server) return server;
    }
    return undefined;
  };

  const join = (client: Socket, server: Socket): void => {
    const link: Link = { client, server };
    links.add(link);
    client.on('close', () => links.delete(link));
    couple(client, server, (chunk, onward) => onward(null, chunk));
    couple(server, client, answerOn(link));
  };

  const accept = async (client: Socket): Promise<void> => {
    client.on('error', () => undefined);
    const server = await reach();
    if (server && !client.destroyed) return join(client, server);
    client.destroy();
    server?.destroy();
  };
  const listener = createServer((client) => void accept(client));
  const port = await listen(listener, 0);
  const cut = (): void => [...links].forEach(destroyLink);
  const thaw = (): void => {
    weather.isFrozen = false;
    const acts = [...weather.waiting];
    weather.waiting.clear();
    for (const act of acts) act();
  };
  const down = async (): Promise<void> => {
    if (!listener.listening) return;
    const closed = once(listener, 'close');
    listener.close();
    cut();
    await closed;
  };
  const through = new URL(targetUrls[0]);
  through.hostname = '127.0.0.1';
  through.port = String(port);

  return {
    port,
    url: targetUrls[0].endsWith('/') ? through.href : through.href.replace(/\/$/, ''),
    links: () => links.size,
    cut,
    freeze: () => {
      weather.isFrozen = true;
    },
    thaw,
    slow: (delayMs) => {
      weather.delayMs = delayMs;
    },
    resetAnswers: (afterBytes) => {
      for (const link of links) link.resetAfter = afterBytes;
    },
    down,
    up: async () => {
      if (!listener.listening) await listen(listener, port);
    },
    sayToClients: (bytes) => links.forEach(({ client }) => client.write(bytes)),
    sayToServer: (bytes) => links.forEach(({ server }) => server.write(bytes)),
    close: async () => {
      weather.isFrozen = false;
      await down();
    },
  };
};

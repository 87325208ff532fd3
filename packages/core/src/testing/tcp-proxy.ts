/** A network between a client and a broker that a test can cut, hold up, or speak into. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** The given URL with this proxy's address in place of the broker's. */
  url: string;
  /** Connections open now. */
  links(): number;
  /** Ends all connections; new ones are still taken. */
  cut(): void;
  /** Nothing gets through any more, and nobody is told: new connections are taken and left hanging too. */
  freeze(): void;
  thaw(): void;
  /** Refuses new connections and ends those there are, as a broker that is away does. */
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
}

const destroyLink = ({ client, server }: Link): void => {
  client.destroy();
  server.destroy();
};

const couple = (from: Socket, to: Socket): void => {
  from.pipe(to);
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
};

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  return address.port;
};

/** @param targetUrl where it leads to; has to name a port. */
export const startTcpProxy = async (targetUrl: string): Promise<TcpProxy> => {
  const target = new URL(targetUrl);
  const links = new Set<Link>();
  let frozen = false;

  const hold = ({ client, server }: Link): void => {
    for (const socket of [client, server]) socket.unpipe().pause();
  };
  const accept = (client: Socket): void => {
    const server = connect(Number(target.port), target.hostname);
    const link = { client, server };
    links.add(link);
    client.on('close', () => links.delete(link));
    couple(client, server);
    couple(server, client);
    if (frozen) hold(link);
  };
  const listener = createServer(accept);
  const port = await listen(listener, 0);
  const cut = (): void => [...links].forEach(destroyLink);
  const down = async (): Promise<void> => {
    if (!listener.listening) return;
    const closed = once(listener, 'close');
    listener.close();
    cut();
    await closed;
  };
  const through = new URL(targetUrl);
  through.hostname = '127.0.0.1';
  through.port = String(port);

  return {
    port,
    url: through.href,
    links: () => links.size,
    cut,
    freeze: () => {
      frozen = true;
      links.forEach(hold);
    },
    thaw: () => {
      frozen = false;
      for (const { client, server } of links) {
        client.pipe(server);
        server.pipe(client);
      }
    },
    down,
    up: async () => {
      await listen(listener, port);
    },
    sayToClients: (bytes) => links.forEach(({ client }) => client.write(bytes)),
    sayToServer: (bytes) => links.forEach(({ server }) => server.write(bytes)),
    close: down,
  };
};

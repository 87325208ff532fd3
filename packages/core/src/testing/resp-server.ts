/** What speaks Redis's protocol (RESP2) and answers as a test says: a sentinel, or a Redis that is late or is not of this version. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export type RespReply = string | number | Error | readonly RespReply[];

export interface RespServer {
  port: number;
  /** Connections that were made so far. */
  connections(): number;
  /** A message to all that are subscribed to anything; how many that are. */
  tell(channel: string, message: string): number;
  /** Ends all connections. */
  cut(): void;
  close(): Promise<void>;
}

/** @returns what is answered, in the order of the commands; undefined: the connection is ended. */
export type Answer = (
  command: string,
  args: readonly string[],
) => RespReply | undefined | Promise<RespReply | undefined>;

const encode = (reply: RespReply): string => {
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  if (reply instanceof Error) return `-${reply.message}\r\n`;
  return `*${reply.length}\r\n${reply.map(encode).join('')}`;
};

/** @returns the first command of this text, and what comes after it; undefined while it is not all there. */
const takeCommand = (text: string): { words: string[]; rest: string } | undefined => {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) return undefined;
  let rest = text.slice(head[0].length);
  const words: string[] = [];
  while (words.length < Number(head[1])) {
    const size = /^\$(\d+)\r\n/.exec(rest);
    if (!size) return undefined;
    const from = size[0].length;
    const to = from + Number(size[1]);
    if (rest.length < to + 2) return undefined;
    words.push(rest.slice(from, to));
    rest = rest.slice(to + 2);
  }
  return { words, rest };
};

/** What a client says of itself before it is ready. */
const greetings: Record<string, RespReply> = {
  hello: new Error("ERR unknown command 'HELLO'"),
  client: 'OK',
  info: 'role:master\r\nloading:0\r\n',
};

const serve = (socket: Socket, answer: Answer, onSubscribed: () => void): void => {
  let text = '';
  let last: Promise<unknown> = Promise.resolve();
  const reply = async ([name = '', ...args]: string[]): Promise<void> => {
    const command = name.toLowerCase();
    const said = greetings[command] ?? (await answer(command, args));
    if (said === undefined) return void socket.destroy();
    socket.write(encode(said));
    if (command === 'subscribe') onSubscribed();
  };
  socket.on('error', () => undefined);
  socket
    .setNoDelay(true)
    .setEncoding('latin1')
    .on('data', (chunk) => {
      text += String(chunk);
      for (let next = takeCommand(text); next; next = takeCommand(text)) {
        const { words, rest } = next;
        text = rest;
        last = last.then(async () => reply(words));
      }
    });
};

/** @param refused as many connections are ended at once, as if it were away, before one is taken. */
export const startRespServer = async (answer: Answer, refused = 0): Promise<RespServer> => {
  const sockets = new Set<Socket>();
  const subscribed = new Set<Socket>();
  let connections = 0;
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => [sockets, subscribed].forEach((all) => all.delete(socket)));
    serve(socket, answer, () => subscribed.add(socket));
  };
  const server = createServer((socket) => {
    connections += 1;
    if (connections <= refused) socket.destroy();
    else take(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port: address.port,
    connections: () => connections,
    tell: (channel, message) => {
      for (const socket of subscribed) socket.write(encode(['message', channel, message]));
      return subscribed.size;
    },
    cut,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
};

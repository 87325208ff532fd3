/** The broker's addresses, of which one is to be connected to at a time. */
import { unescape as percentDecoded } from 'node:querystring';
import type { Options } from 'amqplib';

export interface BrokerNodes {
  /** One object for good, which `next` changes: the library reads it anew at each try to connect. */
  readonly current: Options.Connect;
  /** From now on the next one of the list, after the last one the first. */
  next(): void;
}

const numberOf = (url: URL, name: string, otherwise: number): number =>
  Number(url.searchParams.get(name) ?? otherwise);

/** What the library makes of a URL by itself, as it reads no list of them. Without credentials it is `guest`. */
const toOptions = (text: string, heartbeat: number): Options.Connect => {
  const url = new URL(text);
  const isGuest = url.username === '' && url.password === '';
  return {
    protocol: url.protocol.slice(0, -1),
    hostname: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(url.port) || (url.protocol === 'amqps:' ? 5_671 : 5_672),
    username: isGuest ? 'guest' : percentDecoded(url.username),
    password: isGuest ? 'guest' : percentDecoded(url.password),
    vhost: url.pathname.slice(1),
    locale: url.searchParams.get('locale') ?? 'en_US',
    heartbeat,
    frameMax: numberOf(url, 'frameMax', 131_072),
    channelMax: numberOf(url, 'channelMax', 0),
  };
};

/**
 * @param urls of one broker, or of the nodes of one cluster.
 * @param heartbeat in seconds.
 * @param random in [0, 1): chooses the first one.
 */
export const createBrokerNodes = (
  urls: readonly string[],
  heartbeat: number,
  random: () => number,
): BrokerNodes => {
  const nodes = urls.map((url) => toOptions(url, heartbeat));
  let index = Math.floor(random() * nodes.length);
  const current: Options.Connect = { ...nodes[index] };
  return {
    current,
    next: () => {
      index = (index + 1) % nodes.length;
      Object.assign(current, nodes[index]);
    },
  };
};

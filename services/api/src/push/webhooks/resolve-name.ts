/**
 * Asks the name servers for all addresses of a name. Not the system's `getaddrinfo`, of which Node runs four at a time: targets
 * whose names are slow would hold up every other name that the process asks for, Redis's and RabbitMQ's too.
 */
import { Resolver } from 'node:dns/promises';
import type { ResolveName } from './target.ts';

export const createResolveName = (): ResolveName => {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return async (hostname) => {
    const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = [ipv4, ipv6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length === 0 && ipv4.status === 'rejected') throw ipv4.reason;
    return found;
  };
};

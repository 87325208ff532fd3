/** A webhook's target: what can be said of its URL alone, and the addresses that a delivery may connect to. */
import { isIP } from 'node:net';
import type { AllowsAddress } from './allowed-addresses.ts';

export interface TargetPolicy {
  /** Whether http:// will do. */
  allowHttp: boolean;
  allowsAddress: AllowsAddress;
}

/** All addresses of a name. */
export type ResolveName = (hostname: string) => Promise<readonly string[]>;

/** The target may not be called, now or ever. */
export class TargetRefusedError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'TargetRefusedError';
  }
}

const controlCharacter = /[\p{Cc}\u2028\u2029]/u;

const notAllowed = 'leads to an address that webhooks may not go to';

/** Names of this machine, whoever is asked for them (RFC 6761). */
const localName = /(?:^|\.)localhost\.?$/i;
const loopbackAddresses = ['127.0.0.1', '::1'];

/** Without the brackets of IPv6. The URL parser has made plain decimals of every other way to write an IPv4 address. */
const hostnameOf = ({ hostname }: URL): string => hostname.replaceAll(/^\[|\]$/g, '');

/** What the URL itself tells of its addresses; undefined for a name that has to be asked for. */
const plainAddresses = (url: URL): readonly string[] | undefined => {
  const host = hostnameOf(url);
  if (isIP(host) !== 0) return [host];
  return localName.test(host) ? loopbackAddresses : undefined;
};

/** The last of the ports that only a system's own services listen on: mail, shells, name servers, which are not to be talked to. */
const lastSystemPort = 1_023;
const webPorts = new Set(['', '80', '443']);

const faultOfUrl = (url: URL, { allowHttp, allowsAddress }: TargetPolicy): string | undefined => {
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:'))
    return `has to start with https://${allowHttp ? ' or http://' : ''}`;
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password';
  if (!webPorts.has(url.port) && Number(url.port) <= lastSystemPort)
    return 'has to have the port 80, 443 or one above 1023';
  const plain = plainAddresses(url);
  return plain === undefined || plain.some(allowsAddress) ? undefined : notAllowed;
};

/** Host and port of a target; empty where it is no URL. */
export const hostOf = (text: string): string => URL.parse(text)?.host ?? '';

/** Whose share a delivery takes: the name without its port and last dot, or each way to write it would be a host of its own. */
export const shareOf = (text: string): string => URL.parse(text)?.hostname.replace(/\.$/, '') ?? '';

/** What is wrong with a target as far as its URL tells, as the end of a sentence; undefined when nothing is. */
export const faultOfTarget = (text: string, policy: TargetPolicy): string | undefined =>
  // The parser would drop them, and whoever is shown the text would not.
  !controlCharacter.test(text) && URL.canParse(text) ? faultOfUrl(new URL(text), policy) : 'has to be a URL';

const requireAllowed = (addresses: readonly string[], allows: AllowsAddress): readonly string[] => {
  if (addresses.every(allows)) return addresses;
  throw new TargetRefusedError(notAllowed);
};

/**
 * The addresses to connect to, all of them allowed: the caller connects to these and asks nobody again. A name that has one
 * that is not allowed is refused whole.
 *
 * @throws TargetRefusedError; what the resolver throws.
 */
export const addressesOf = async (
  url: URL,
  { policy, resolve }: { policy: TargetPolicy; resolve: ResolveName },
): Promise<readonly string[]> => {
  // The configuration may have changed since the submission.
  const fault = faultOfUrl(url, policy);
  if (fault !== undefined) throw new TargetRefusedError(fault);
  // Of the machine's own names only those that are allowed: the other family may not be.
  const plain = plainAddresses(url)?.filter(policy.allowsAddress);
  return plain ?? requireAllowed(await resolve(hostnameOf(url)), policy.allowsAddress);
};

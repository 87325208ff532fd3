/** Which addresses a webhook may go to: those of the internet, and those that the configuration adds. */
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

export interface Cidr {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

export type AllowsAddress = (address: string) => boolean;

/** IPv4 that is not the internet's: the IANA special-purpose registry, multicast, reserved, and one cloud's metadata. */
const specialIpv4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared by carriers; a cloud's metadata
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's own services
  '169.254.0.0/16', // link-local; metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments; a cloud's metadata
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
];

/** All of IPv6 that is the internet's. Outside: loopback, mapped and translated IPv4, unique local, link-local, multicast. */
const globalIpv6 = '2000::/3';

/** Inside it and not the internet's, or a way back into IPv4. */
const specialIpv6 = [
  '2001::/23', // protocol assignments: Teredo, ORCHID, benchmarks
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
];

/** `10.0.0.0/8`, `fd00::/8`; an address alone is one of its own. @returns undefined where it is neither. */
export const parseCidr = (text: string): Cidr | undefined => {
  const [address = '', length, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return prefix <= longest ? { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' } : undefined;
};

/** For the configuration: CIDRs, parted by commas or blanks. */
export const cidrs = () =>
  z.string().transform((text, context): Cidr[] => {
    const parsed = text.split(/[\s,]+/).map(parseCidr);
    if (parsed.every((cidr) => cidr !== undefined)) return parsed;
    context.addIssue('has to be CIDRs such as 10.0.0.0/8 or fd00::/8, comma-separated');
    return z.NEVER;
  });

const listOf = (ranges: readonly Cidr[]): BlockList => {
  const list = new BlockList();
  for (const { address, prefix, family } of ranges) list.addSubnet(address, prefix, family);
  return list;
};

const parseAll = (texts: readonly string[]): Cidr[] => texts.flatMap((text) => parseCidr(text) ?? []);

/** What is no address, or names an interface of this machine (`fe80::1%eth0`), is not allowed. */
export const createAddressPolicy = (allowed: readonly Cidr[]): AllowsAddress => {
  const added = listOf(allowed);
  const special4 = listOf(parseAll(specialIpv4));
  const special6 = listOf(parseAll(specialIpv6));
  const global6 = listOf(parseAll([globalIpv6]));
  return (address) => {
    const version = isIP(address);
    if (version === 0 || address.includes('%')) return false;
    if (version === 4) return added.check(address, 'ipv4') || !special4.check(address, 'ipv4');
    if (added.check(address, 'ipv6')) return true;
    return global6.check(address, 'ipv6') && !special6.check(address, 'ipv6');
  };
};

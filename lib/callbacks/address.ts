import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All that is routed publicly in IPv6; ipaddr.js calls unassigned and IPv4-compatible space "unicast" as well. */
const globalIpv6 = ipaddr.parseCIDR('2000::/3');

/** A public number, but each virtual machine of one large cloud finds its host's agent behind it. */
const hostAgent = '168.63.129.16';

/** Whether an IP address lies on the public internet. Whatever cannot be read as an address does not. */
export const isPublicAddress = (address: string): boolean => {
  if (isIP(address) === 0 || address.includes('%') || address === hostAgent) return false;
  const parsed = ipaddr.parse(address);
  return (parsed.kind() === 'ipv4' || parsed.match(globalIpv6)) && parsed.range() === 'unicast';
};

/** The address that a URL's host already is, without the brackets of IPv6; `undefined` for a name. */
export const literalAddress = (host: string): string | undefined => {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
};

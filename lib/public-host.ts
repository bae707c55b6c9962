import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All that is routed publicly in IPv6; ipaddr.js calls unassigned and IPv4-compatible space "unicast" as well. */
const globalIpv6 = ipaddr.parseCIDR('2000::/3');

/** A public address, but on Azure it leads to the agent of the host. */
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

const privateSuffixes = ['.local', '.localhost', '.internal', '.home.arpa'];

/** A name without a dot, or below a suffix that is never public, can only mean something near the gateway. */
export const isPrivateName = (host: string): boolean => {
  if (literalAddress(host) !== undefined) return false;
  return !host.includes('.') || privateSuffixes.some((suffix) => host.endsWith(suffix));
};

/**
 * Whether a URL's host is an address, or a name that a host can have: labels of 1 to 63 letters, digits, hyphens and
 * underscores, 253 characters in all. URLs take more, `{host}` for example, which nobody has filled in. A dot may stand at
 * its end.
 */
export const isHostName = (host: string): boolean => {
  if (literalAddress(host) !== undefined) return true;
  const name = host.replace(/\.$/, '');
  return name.length <= 253 && name.split('.').every((label) => /^[\w-]{1,63}$/.test(label));
};

/** Whether a URL's host can be on the public internet. What a name leads to is seen only when it is looked up. */
export const isPublicHost = (hostname: string): boolean => {
  const host = hostname.replace(/\.$/, '');
  const address = literalAddress(host);
  return address === undefined ? !isPrivateName(host) : isPublicAddress(address);
};

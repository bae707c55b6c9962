import { isPublicHost } from '../../public-host.ts';

/**
 * A link of a provider's answer, if it may be followed or handed on: https (http only where the provider itself is
 * asked by http) and a public host, or the provider's own. What its name resolves to is checked by who fetches it.
 */
export const usableLink = (link: string, baseUrl: string): string | undefined => {
  if (!URL.canParse(link)) return undefined;
  const { protocol, hostname, username, password } = new URL(link);
  const base = new URL(baseUrl);
  const isAllowedScheme = protocol === 'https:' || (protocol === 'http:' && base.protocol === 'http:');
  const isAllowedHost = isPublicHost(hostname) || hostname === base.hostname;
  return isAllowedScheme && isAllowedHost && username === '' && password === '' ? link : undefined;
};

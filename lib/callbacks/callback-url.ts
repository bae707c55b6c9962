import { isHostName, isPrivateName, isPublicAddress, literalAddress } from '../public-host.ts';
import { urlTextProblem } from '../url-text.ts';
import { blockedPorts } from './blocked-ports.ts';

export const maxCallbackUrlCharacters = 2_048;

export type CallbackUrlRules = {
  /** On a developer's machine: http and private addresses may be called as well. */
  allowPrivate: boolean;
  /** Hosts (with a port, where it is not the scheme's own) that the gateway itself answers on. */
  ownHosts?: readonly string[];
};

type Rule = { isBroken: (url: URL, text: string, rules: CallbackUrlRules) => boolean; message: string };

const hostOf = (url: URL): string => url.hostname.replace(/\.$/, '');
const isOwnHost = (url: URL, ownHosts: readonly string[] = []) =>
  ownHosts.some((own) => placeOf(own) === placeOf(url.host));

/** On one machine, one server has several names; an address of IPv4 may be written as one of IPv6. */
const namesOfThisMachine =
  /^(?:(?:.+\.)?localhost|127\.0\.0\.1|0\.0\.0\.0|\[::(?:1|ffff:7f00:1|ffff:0:0)?\])$/;

/** A host with its port, where it is not the scheme's own. */
const placeOf = (host: string): string => {
  const [, name = '', port = ''] = /^(.*?)\.?(:\d+)?$/.exec(host.toLowerCase()) ?? [];
  return `${namesOfThisMachine.test(name) ? 'localhost' : name}${port}`;
};

const isPrivateAddress = (url: URL): boolean => {
  const address = literalAddress(hostOf(url));
  return address !== undefined && !isPublicAddress(address);
};

const rules: readonly Rule[] = [
  {
    isBroken: (url, _text, { allowPrivate }) => !allowPrivate && url.protocol === 'http:',
    message: 'must use https, so that the event cannot be read or changed on its way.',
  },
  {
    isBroken: (url) => url.protocol !== 'https:' && url.protocol !== 'http:',
    message: 'must be an https URL.',
  },
  {
    isBroken: (url, text) =>
      text.length > maxCallbackUrlCharacters || url.href.length > maxCallbackUrlCharacters,
    message: `must not be longer than ${maxCallbackUrlCharacters} characters.`,
  },
  {
    isBroken: (url) => url.username !== '' || url.password !== '',
    message: 'must not contain a user name or password; put a token in the path or query instead.',
  },
  {
    isBroken: (_url, text) => text.includes('#'),
    message: 'must not contain a fragment (#…); it would never be sent.',
  },
  {
    isBroken: (url) => blockedPorts.has(Number(url.port || 443)),
    message: 'must not use this port, which is reserved for another protocol; use 443 or one above 10080.',
  },
  {
    isBroken: (url) => !isHostName(url.hostname),
    message:
      'must name a host that can exist: parts of 1 to 63 letters, digits, - and _ with one dot between them, 253 characters in all.',
  },
  {
    isBroken: (url, _text, { ownHosts }) => isOwnHost(url, ownHosts),
    message: 'must not point at this gateway itself.',
  },
  {
    isBroken: (url, _text, { allowPrivate }) => !allowPrivate && isPrivateName(hostOf(url)),
    message: 'must name a public host, such as hooks.example.com.',
  },
  {
    isBroken: (url, _text, { allowPrivate }) => !allowPrivate && isPrivateAddress(url),
    message: 'must not point at a private or reserved address; use a host that the internet can reach.',
  },
];

/**
 * The first rule that a callback URL breaks, in words that follow the name of the field; `undefined` when it may be
 * used. A courtesy to the caller: what the name resolves to is checked again each time it is called.
 */
export const checkCallbackUrl = (text: string, settings: CallbackUrlRules): string | undefined => {
  const stray = urlTextProblem(text);
  if (stray !== undefined) return stray;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return 'must be a complete URL, such as https://hooks.example.com/clearmaas.';
  return rules.find(({ isBroken }) => isBroken(url, text, settings))?.message;
};

import type { CallbackUrlRules } from '../callbacks/callback-url.ts';
import type { ApiContext } from './context.ts';

export type CallbackSettings = {
  allowPrivateUrls: boolean;
  /** Where the world reaches the gateway, if that is not where it was called. */
  publicUrl: string | undefined;
};

/** What the URL of a callback must keep to. */
export const callbackUrlRules = (
  c: ApiContext,
  { allowPrivateUrls, publicUrl }: CallbackSettings,
): CallbackUrlRules => ({ allowPrivate: allowPrivateUrls, ownHosts: ownHostsOf(c, publicUrl) });

/** Where the gateway itself answers, with the port where it is not the scheme's own. */
const ownHostsOf = (c: ApiContext, publicUrl: string | undefined): string[] => {
  const called = c.req.header('host') ?? new URL(c.req.url).host;
  const hosts = [called, ...(publicUrl === undefined ? [] : [new URL(publicUrl).host])];
  return [...new Set(hosts.flatMap(withLoopbackNames))];
};

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** On one machine, one server has several names. */
const withLoopbackNames = (host: string): string[] => {
  const [name = '', port] = /^(.*?)(:\d+)?$/.exec(host.toLowerCase())?.slice(1) ?? [];
  return loopbackNames.includes(name)
    ? loopbackNames.map((other) => other + (port ?? ''))
    : [host.toLowerCase()];
};

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
  return [called, ...(publicUrl === undefined ? [] : [new URL(publicUrl).host])];
};

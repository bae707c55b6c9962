import type { ApiContext } from './context.ts';

/** Where the gateway itself answers, with the port where it is not the scheme's own: no callback may go there. */
export const ownHostsOf = (c: ApiContext, publicUrl: string | undefined): string[] => {
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

import { lookup, Resolver } from 'node:dns/promises';

/** All addresses of a name. Rejects with DNS's error code when there is none. */
export type Resolve = (host: string) => Promise<string[]>;

/** Twice 1.5 s leave time for the connection within its 5 s; c-ares by itself takes 26 s to give up on a mute server. */
const limits = { timeout: 1_500, tries: 2 };

/**
 * Asks DNS itself: in bounded time, without the hosts file and without occupying the thread pool that `dns.lookup`
 * shares with everything else. `servers` are for tests; by default they are the system's.
 */
export const createDnsResolve = (servers?: readonly string[]): Resolve => {
  const resolver = new Resolver(limits);
  if (servers !== undefined) resolver.setServers(servers);
  return async (host) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length === 0 && v4.status === 'rejected') throw v4.reason;
    return addresses;
  };
};

/** Asks the operating system, which also knows `localhost` and a container's name. For a developer's machine. */
export const resolveLocally: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

import { isIP, type LookupFunction } from 'node:net';
import type { Resolve } from './resolve.ts';

/** An address that must not be called. Says nothing about which. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
  readonly code = 'BLOCKED_ADDRESS';
}

type Guard = {
  resolve: Resolve;
  isAllowedAddress: (address: string) => boolean;
  onResolved: () => void;
};

/**
 * The `lookup` of a connection: what it answers is what gets dialled. It refuses when any of a name's addresses is not
 * allowed, for which of them is taken is not ours to choose.
 */
export const createGuardedLookup =
  ({ resolve, isAllowedAddress, onResolved }: Guard): LookupFunction =>
  (host, options, done) => {
    resolve(host).then(
      (addresses) => {
        onResolved();
        const [first] = addresses;
        if (first === undefined) return done(Object.assign(new Error('no address'), { code: 'ENODATA' }), '');
        if (!addresses.every(isAllowedAddress)) return done(new BlockedAddressError(), '');
        const all = addresses.map((address) => ({ address, family: isIP(address) }));
        return options.all ? done(null, all) : done(null, first, isIP(first));
      },
      (error: NodeJS.ErrnoException) => done(error, ''),
    );
  };

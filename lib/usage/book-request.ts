import type { Log } from '../observability/log.ts';
import type { Ledger } from './ledger.ts';
import { bookedMicroUsd, type LedgerEntry, type LedgerPlace } from './ledger-entry.ts';

/** A request that is answered with what it makes, so that no task tells of it. */
type BookedRequest = LedgerPlace & Pick<LedgerEntry, 'model' | 'keyName' | 'livemode'>;
type CameTo = Pick<LedgerEntry, 'images' | 'microUsd'> & { model?: string };

/** Books what such a request came to. */
type CloseEntry = (cameTo: CameTo, log: Log) => Promise<void>;

/**
 * Books such a request before its provider is asked, as of unknown cost; what it came to takes the place of that. A crash in
 * between leaves an entry that says that nobody knows.
 */
export const createBookRequest =
  (ledger: Pick<Ledger, 'put'>) =>
  async ({ model, keyName, livemode, ...place }: BookedRequest): Promise<CloseEntry> => {
    const put = ({ microUsd, ...rest }: CameTo) =>
      ledger.put(place, {
        model,
        keyName,
        livemode,
        seconds: 0,
        microUsd: bookedMicroUsd(livemode, microUsd),
        ...rest,
      });
    await put({ images: 0, microUsd: null });
    // What was made is worth more to its caller than its entry, which goes on saying that nobody knows.
    return (cameTo, log) =>
      put(cameTo).catch((error: unknown) => log.event('usage.not-booked', { requestId: place.id, error }));
  };

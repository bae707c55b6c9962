import { beforeEach, describe, expect, it } from 'vitest';
import { createBookRequest } from '../../lib/usage/book-request.ts';
import type { Ledger } from '../../lib/usage/ledger.ts';
import type { LedgerEntry } from '../../lib/usage/ledger-entry.ts';
import { startMs } from '../support/a-task.ts';
import { createMemoryLedger } from '../support/memory-ledger.ts';
import { silentLog } from '../support/silent-log.ts';

let ledger: Ledger;
beforeEach(() => {
  ledger = createMemoryLedger();
});

const request = {
  workspaceId: 'ws',
  id: 'task_1',
  createdAtMs: startMs,
  model: 'openai/gpt-image-2',
  keyName: 'web',
  livemode: true,
};
const booked = async (): Promise<LedgerEntry[]> => {
  const entries: LedgerEntry[] = [];
  for await (const entry of ledger.read('ws', '2026-11-22')) entries.push(entry);
  return entries;
};
const made = { images: 2, microUsd: 80_000 };
const entry = { model: 'openai/gpt-image-2', keyName: 'web', seconds: 0, livemode: true };
const bookIn = (books: Pick<Ledger, 'put'>) => createBookRequest(books)(request);

describe('a request that waits for its images', () => {
  it('is booked before its provider is asked, at unknown cost, and then with what it came to', async () => {
    const close = await bookIn(ledger);
    expect(await booked()).toEqual([{ ...entry, images: 0, microUsd: null }]);
    await close(made, silentLog);
    expect(await booked()).toEqual([{ ...entry, images: 2, microUsd: 80_000 }]);
  });

  it('gives its images out although their cost could not be booked', async () => {
    let puts = 0;
    const close = await bookIn({
      async put(...given) {
        puts += 1;
        if (puts > 1) throw new Error('no answer');
        await ledger.put(...given);
      },
    });
    await close(made, silentLog);
    expect(await booked()).toMatchObject([{ microUsd: null }]);
  });

  it('costs a test key nothing', async () => {
    const close = await createBookRequest(ledger)({ ...request, livemode: false });
    await close(made, silentLog);
    expect(await booked()).toEqual([{ ...entry, livemode: false, images: 2, microUsd: 0 }]);
  });
});

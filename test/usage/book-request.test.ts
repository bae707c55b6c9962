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
const steps = (make: () => Promise<typeof made>) => ({
  make,
  cameTo: (one: typeof made) => one,
  log: silentLog,
});

describe('a request that waits for its images', () => {
  it('is booked before its provider is asked, at unknown cost, and then with what it came to', async () => {
    let meanwhile: LedgerEntry[] = [];
    const make = async () => {
      meanwhile = await booked();
      return made;
    };
    expect(await createBookRequest(ledger)(request, steps(make))).toEqual(made);
    expect(meanwhile).toEqual([{ ...entry, images: 0, microUsd: null }]);
    expect(await booked()).toEqual([{ ...entry, images: 2, microUsd: 80_000 }]);
  });

  it('stays booked at unknown cost where nothing came of it', async () => {
    const make = () => Promise.reject(new Error('killed'));
    await expect(createBookRequest(ledger)(request, steps(make))).rejects.toThrow('killed');
    expect(await booked()).toMatchObject([{ images: 0, microUsd: null }]);
  });

  it('asks no provider where it cannot be booked', async () => {
    let isAsked = false;
    const make = async () => {
      isAsked = true;
      return made;
    };
    const full = { put: () => Promise.reject(new Error('no room')) };
    await expect(createBookRequest(full)(request, steps(make))).rejects.toThrow('no room');
    expect(isAsked).toBe(false);
  });

  it('gives its images out although their cost could not be booked', async () => {
    let puts = 0;
    const failing: Pick<Ledger, 'put'> = {
      async put(...given) {
        puts += 1;
        if (puts > 1) throw new Error('no answer');
        await ledger.put(...given);
      },
    };
    expect(
      await createBookRequest(failing)(
        request,
        steps(async () => made),
      ),
    ).toEqual(made);
    expect(await booked()).toMatchObject([{ microUsd: null }]);
  });

  it('costs a test key nothing', async () => {
    await createBookRequest(ledger)(
      { ...request, livemode: false },
      steps(async () => made),
    );
    expect(await booked()).toEqual([{ ...entry, livemode: false, images: 2, microUsd: 0 }]);
  });
});

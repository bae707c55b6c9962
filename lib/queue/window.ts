import * as z from 'zod/mini';
import { minuteMs, secondMs } from '../time.ts';
import type { EntryId } from './membership.ts';

/**
 * What was learned of how many tasks may ask for a model at once, as in TCP: it opens with each acceptance and closes on a
 * refusal (https://www.rfc-editor.org/rfc/rfc5681).
 */
export const storedWindow = z.object({
  /** How many may ask at once; below 1 it is one, which tries now and then. */
  size: z.number(),
  /** Up to here the window doubles with each round of acceptances, above it grows by one. */
  threshold: z.number(),
  /** Refusals in a row, those of one moment counted once. */
  refusals: z.number(),
  /** When it was last closed. Whoever asked before that tells nothing new. */
  closedAtMs: z.number(),
  /** When the provider was last seen to have room. */
  openedAtMs: z.number(),
  /** Nobody asks before. */
  pausedUntilMs: z.number(),
  /** How many more tasks have ended there than it has taken, since the queue began. */
  freed: z.number(),
});
export type Window = z.infer<typeof storedWindow>;

/** `rate`: asked too fast. `full`: a slot comes free only with an end. `unavailable`: down, as for maintenance. */
export type RefusalReason = 'rate' | 'full' | 'unavailable';

const maxSize = 100;
/** What remains of the window after asking too fast, so that little is lost at a steady limit. */
const keptShare = 0.8;
/** Refusals that belong together: the provider still counts what was asked before the window was closed. */
const sameRefusalMs = secondMs;

export const initialWindow: Window = {
  size: 1,
  threshold: maxSize,
  refusals: 0,
  closedAtMs: 0,
  openedAtMs: 0,
  pausedUntilMs: 0,
  freed: 0,
};

export const maxAsking = ({ size }: Window): number => Math.max(1, Math.floor(size));

export const afterAcceptance = (window: Window, nowMs: number): Window => {
  const growth = window.size < window.threshold ? 1 : 1 / window.size;
  const size = Math.min(maxSize, window.size + growth);
  return { ...window, size, refusals: 0, openedAtMs: nowMs, pausedUntilMs: 0, freed: window.freed - 1 };
};

/** A task needs no more of the provider. `wasTaken`: it was there. */
export const afterEnd = (window: Window, wasTaken: boolean, nowMs: number): Window => ({
  ...window,
  openedAtMs: nowMs,
  freed: window.freed + (wasTaken ? 1 : 0),
});

/** Most renders are over by then. */
const maxQuietMs = 6 * minuteMs;
/** Whether "full" tells more of the task than of the provider: something came free there, or is long overdue. */
export const isStrangeRefusal = ({ freed, openedAtMs }: Window, sinceMs: number, nowMs: number): boolean =>
  freed > 0 || nowMs - Math.max(openedAtMs, sinceMs) > maxQuietMs;

const retryDelays: Record<RefusalReason, { firstMs: number; maxMs: number }> = {
  rate: { firstMs: secondMs, maxMs: 20 * secondMs },
  full: { firstMs: 5 * secondMs, maxMs: 20 * secondMs },
  unavailable: { firstMs: 5 * secondMs, maxMs: 20 * secondMs },
};

/** When whoever is first tries again by itself, given how often the provider has refused in a row. */
export const retryDelayMs = (reason: RefusalReason, refusals: number): number => {
  const { firstMs, maxMs } = retryDelays[reason];
  return Math.min(maxMs, firstMs * 2 ** Math.max(0, refusals - 1));
};

export const afterRefusal = (
  window: Window,
  reason: RefusalReason,
  askedAtMs: number,
  nowMs: number,
): Window => {
  if (askedAtMs <= window.closedAtMs + sameRefusalMs) return window;
  const refusals = window.refusals + 1;
  const closed = { ...window, refusals, closedAtMs: nowMs };
  switch (reason) {
    case 'rate': {
      const size = Math.max(1, window.size * keptShare);
      // One refusal among acceptances only slows down; a second in a row says that all must wait.
      const pauseMs = refusals > 1 ? retryDelayMs(reason, refusals - 1) : 0;
      return { ...closed, size, threshold: size, pausedUntilMs: nowMs + pauseMs };
    }
    case 'full':
      return { ...closed, size: 0 };
    case 'unavailable':
      return { ...closed, size: 0, pausedUntilMs: nowMs + retryDelayMs(reason, refusals) };
  }
};

/** A task in a queue. */
export type Entry = {
  id: EntryId;
  /** Its request is with the provider, until then at most. */
  askingUntilMs: number;
  /** The provider refused it so often that it lets others go before it. */
  isAside: boolean;
  writtenAtMs: number;
};

export const refusalsBeforeAside = 5;
export const isAsideAfter = (refusals = 0): boolean => refusals >= refusalsBeforeAside;

/** How long a task that stands aside leaves between two tries. */
export const asideDelayMs = (refusals: number): number =>
  Math.min(2 * minuteMs, 20 * secondMs * 2 ** Math.max(0, refusals - refusalsBeforeAside));
/** The first of the queue tries when something comes free even if it stands aside, but not more often. */
const minAsideGapMs = 5 * secondMs;
/** Clocks differ a little. */
export const toleranceMs = secondMs / 2;

/** What a task that waits has seen of the provider. */
type Asker = { askedAtMs?: number; askAgainAtMs?: number };

/** When a task that may ask should do so: at once, unless it was refused and nothing has come free since. */
export const earliestAskMs = (
  { askedAtMs, askAgainAtMs = 0 }: Asker,
  { isAside, isFirst }: { isAside: boolean; isFirst: boolean },
  { openedAtMs, pausedUntilMs }: Window,
): number => {
  if (askedAtMs === undefined) return pausedUntilMs;
  const isOpened = openedAtMs > askedAtMs - toleranceMs;
  const atMs = isOpened && !isAside ? 0 : isOpened && isFirst ? askedAtMs + minAsideGapMs : askAgainAtMs;
  return Math.max(pausedUntilMs, Math.min(atMs, askAgainAtMs));
};

export const isInOrder = ({ isAside }: Entry): boolean => !isAside;

/** Who may ask, of the first entries of a queue in their order. */
export const whoMayAsk = (entries: readonly Entry[], window: Window): Entry[] => {
  const inWindow = entries.filter(isInOrder).slice(0, maxAsking(window));
  const [first] = entries;
  return first?.isAside ? [first, ...inWindow] : inWindow;
};

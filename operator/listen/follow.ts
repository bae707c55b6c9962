import { secondMs } from '../../lib/time.ts';
import type { Forward } from './forward.ts';
import { AwayError, type FeedEvent, type Gateway, type Page } from './gateway.ts';
import type { ListenState, StateFile } from './state-file.ts';

const maxUnsettled = 200;
const firstPauseMs = secondMs;
const maxPauseMs = 15 * secondMs;

type Dependencies = {
  gateway: Pick<Gateway, 'events'>;
  state: Pick<StateFile, 'write'>;
  forward: Forward;
  print(line: string): void;
  pause(ms: number): Promise<void>;
};

/**
 * Follows the feed from a state on. Events of one task are forwarded in their order, and a later page is read while earlier
 * ones are under way; the state moves on to a page's cursor once all before it is done with.
 */
export const createFollow = (begin: ListenState, dependencies: Dependencies) => {
  const { gateway, state, forward, print, pause } = dependencies;
  let { after } = begin;
  /** Events after the stored position, by id: done with, or under way. */
  const known = new Map<string, 'under way' | 'done'>(begin.done.map((id) => [id, 'done']));
  /** Pages of which something is under way, oldest first. */
  const pages: { eventIds: string[]; cursor: string }[] = [];
  const lastOfTask = new Map<string, Promise<void>>();
  /** What ends the listener, wherever it happens. */
  const broken = Promise.withResolvers<never>();

  const unsettled = () => [...known.values()].filter((progress) => progress === 'under way').length;

  const save = (): void => {
    while (pages[0]?.eventIds.every((id) => known.get(id) !== 'under way')) {
      const [page] = pages.splice(0, 1);
      after = page?.cursor ?? after;
      for (const id of page?.eventIds ?? [])
        if (!pages.some(({ eventIds }) => eventIds.includes(id))) known.delete(id);
    }
    state.write({ after, done: [...known].flatMap(([id, progress]) => (progress === 'done' ? id : [])) });
  };

  const take = (event: FeedEvent): void => {
    if (known.has(event.id)) return;
    known.set(event.id, 'under way');
    const task = event.data.id ?? event.id;
    const settled = (lastOfTask.get(task) ?? Promise.resolve())
      .then(() => forward(event))
      .then(() => {
        known.set(event.id, 'done');
        if (lastOfTask.get(task) === settled) lastOfTask.delete(task);
        save();
      });
    settled.catch(broken.reject);
    lastOfTask.set(task, settled);
  };

  /** Asks until there is an answer; whatever the gateway refuses is thrown. */
  const nextPage = async (position: string): Promise<Page> => {
    for (let failures = 0; ; failures += 1) {
      try {
        const page = await gateway.events(position);
        if (failures > 0) print('The gateway answers again.');
        return page;
      } catch (error) {
        if (!(error instanceof AwayError)) throw error;
        if (failures === 0) print(`The gateway is away: ${error.message}. Trying again.`);
        await pause(Math.max(error.retryAfterMs, Math.min(firstPauseMs * 2 ** failures, maxPauseMs)));
      }
    }
  };

  const read = async (): Promise<never> => {
    for (let position = after; ; ) {
      const page = await nextPage(position);
      position = page.cursor;
      pages.push({ eventIds: page.events.map(({ id }) => id), cursor: page.cursor });
      for (const event of page.events) take(event);
      save();
      while (unsettled() >= maxUnsettled) await pause(firstPauseMs);
      if (page.events.length === 0) await pause(page.retryAfterMs);
    }
  };

  return { unsettled, run: (): Promise<never> => Promise.race([broken.promise, read()]) };
};

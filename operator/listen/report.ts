import type { AttemptOutcome } from '../../lib/callbacks/read-answer.ts';
import { toEpochSeconds } from '../../lib/time.ts';
import type { FeedEvent } from './gateway.ts';

type Failed = AttemptOutcome & { delivered: false };

/** Tells a person what happens: a line for each event, and one more only where something changed. */
export const createReport = ({ print, now }: { print(line: string): void; now(): number }) => {
  const startedAtMs = now();
  const failing = new Set<string>();
  let [delivered, givenUp] = [0, 0];

  const line = (event: FeedEvent, { statusCode }: AttemptOutcome, milliseconds: number, words = '') => {
    const time = new Date(now()).toISOString().slice(11, 19);
    const parts = [
      time,
      event.type.padEnd(17),
      event.data.id ?? event.id,
      statusCode ?? '---',
      `${milliseconds} ms`,
    ];
    print([...parts, words].join('  ').trimEnd());
  };

  return {
    delivered(event: FeedEvent, outcome: AttemptOutcome, milliseconds: number): void {
      delivered += 1;
      failing.delete(event.id);
      line(event, outcome, milliseconds);
    },
    /** Told once an event; it is repeated until it arrives. */
    failed(event: FeedEvent, outcome: Failed, milliseconds: number): void {
      if (failing.has(event.id)) return;
      failing.add(event.id);
      line(event, outcome, milliseconds, `${outcome.cause}. Trying again.`);
    },
    givenUp(event: FeedEvent, outcome: Failed, milliseconds: number): void {
      givenUp += 1;
      failing.delete(event.id);
      line(event, outcome, milliseconds, `${outcome.cause}. Given up: ${event.id} will not be sent again.`);
    },
    summary(left: number): string {
      const seconds = toEpochSeconds(now() - startedAtMs);
      const rest = left === 0 ? '' : `, ${left} left for the next start`;
      return `${delivered} forwarded, ${givenUp} given up${rest}, in ${seconds} s.`;
    },
  };
};
export type Report = ReturnType<typeof createReport>;

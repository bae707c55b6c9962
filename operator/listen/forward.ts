import { type AttemptOutcome, readAnswer } from '../../lib/callbacks/read-answer.ts';
import type { SendEvent } from '../../lib/callbacks/send-event.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import type { FeedEvent } from './gateway.ts';
import type { Report } from './report.ts';
import type { Signing } from './signing.ts';

const giveUpAfterMs = minuteMs;
const firstPauseMs = secondMs / 2;
const maxPauseMs = 15 * secondMs;
/** How many requests a receiver gets at once. */
const maxAtOnce = 4;
/** What a proxy answers while nothing listens behind it. */
const awayStatuses: readonly number[] = [502, 503, 504];

const isAway = ({ statusCode }: AttemptOutcome): boolean =>
  statusCode === undefined || awayStatuses.includes(statusCode);

type Dependencies = {
  receiverUrl: string;
  send: SendEvent;
  signing: Signing;
  report: Report;
  now(): number;
  pause(ms: number): Promise<void>;
};

/** Brings single events to the receiver. Settles when it took one, or refused it for good. */
export const createForward = (dependencies: Dependencies) => {
  const { receiverUrl: url, send, signing, report, now, pause } = dependencies;
  const withSlot = createSlots(maxAtOnce);

  const attempt = (event: FeedEvent, number: number) =>
    withSlot(async () => {
      const workspace = await signing();
      const taskId = event.data.id;
      const result = await send(
        { id: event.id, body: Buffer.from(JSON.stringify(event)) },
        { url, workspace, attempt: number, ...(taskId !== undefined && { taskId }) },
      );
      return { outcome: readAnswer(result, url), milliseconds: result.durationsMs.total };
    });

  return async (event: FeedEvent): Promise<void> => {
    let refusedSinceMs: number | undefined;
    for (let number = 1; ; number += 1) {
      const { outcome, milliseconds } = await attempt(event, number);
      if (outcome.delivered) return report.delivered(event, outcome, milliseconds);
      refusedSinceMs = isAway(outcome) ? undefined : (refusedSinceMs ?? now());
      const pauseMs = Math.min(firstPauseMs * 2 ** (number - 1), maxPauseMs);
      const isRefused = refusedSinceMs !== undefined && now() + pauseMs > refusedSinceMs + giveUpAfterMs;
      if (isRefused || outcome.final) return report.givenUp(event, outcome, milliseconds);
      report.failed(event, outcome, milliseconds);
      await pause(pauseMs);
    }
  };
};
export type Forward = ReturnType<typeof createForward>;

/** Lets so many work at once; the others wait for a slot. */
const createSlots = (count: number) => {
  let free = count;
  const waiting: (() => void)[] = [];
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
};

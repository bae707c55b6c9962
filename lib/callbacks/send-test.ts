import type { Workspace } from '../keys/workspace.ts';
import type { Clock } from '../time.ts';
import type { Durations } from './attempt-timing.ts';
import type { EndpointLimiter } from './endpoint-limiter.ts';
import { testEvent } from './event.ts';
import { type AttemptOutcome, readAnswer } from './read-answer.ts';
import type { SendEvent } from './send-event.ts';

type TestResult =
  | { sent: true; outcome: AttemptOutcome; durationsMs: Durations }
  /** Enough requests to this receiver are under way. */
  | { sent: false };

/** Sends a test event as any other is sent, and tells how it went. */
export type SendTest = (workspace: Workspace, url: string) => Promise<TestResult>;

type Dependencies = { send: SendEvent; limiter: EndpointLimiter; now: Clock };

export const createSendTest =
  ({ send, limiter, now }: Dependencies): SendTest =>
  async (workspace, url) => {
    const permit = await limiter.acquire({
      workspaceId: workspace.id,
      origin: new URL(url).origin,
      trigger: 'manual',
      deferrals: 0,
    });
    if (!permit.admitted) return { sent: false };
    const result = await send(testEvent(workspace, now()), { url, workspace });
    const outcome = readAnswer(result, url);
    await permit.release(outcome);
    return { sent: true, outcome, durationsMs: result.durationsMs };
  };

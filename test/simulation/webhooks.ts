import type { StatusUpdate } from '../../lib/providers/provider.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import type { Troubles } from './plan.ts';
import type { Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';

export type WebhookOptions = {
  time: VirtualTime;
  random: Randomness;
  troubles(): Troubles;
  /** `isEnd`: it tells of an end that has taken place. */
  send(taskId: string, said: StatusUpdate | undefined, isEnd: boolean): void;
};

/** How long Kling says "submitted" of a render. */
export const queuedMs = 4 * secondMs;

/** Kling's webhooks: lost, repeated, late and out of order, or sent by somebody who has seen the address. */
export const createWebhooks = ({ time, random, troubles, send }: WebhookOptions) => {
  const tell = (taskId: string, said: StatusUpdate | undefined, isEnd = false): void => {
    const { webhooks } = troubles();
    if (webhooks === 'each') send(taskId, said, isEnd);
    if (webhooks === 'some') tellOften(taskId, said, isEnd, random.between(0, 1));
    if (webhooks === 'storm') tellOften(taskId, said, isEnd, random.between(0, 8));
    if (webhooks === 'lies') tellOften(taskId, lie(taskId), false, random.between(0, 2));
  };

  const tellOften = (taskId: string, said: StatusUpdate | undefined, isEnd: boolean, count: number): void => {
    const maxMs = troubles().webhooks === 'lies' ? 5 * minuteMs : queuedMs;
    for (let each = 0; each < count; each += 1)
      time.after(random.between(0, maxMs), () => send(taskId, said, isEnd));
  };

  const lie = (taskId: string): StatusUpdate | undefined => {
    const lies: (StatusUpdate | undefined)[] = [
      undefined,
      { operationId: operationOf(taskId), status: 'queued' },
      { operationId: operationOf(taskId), status: 'running' },
      { operationId: 'kling-another', status: 'running' },
    ];
    return lies[random.between(0, lies.length - 1)];
  };

  return {
    /** Tells each change of a render that has arrived now. */
    follow(taskId: string, endsAtMs: number): void {
      const operationId = operationOf(taskId);
      tell(taskId, { operationId, status: 'queued' });
      time.after(queuedMs, () => {
        if (time.nowMs() < endsAtMs) tell(taskId, { operationId, status: 'running' });
      });
      if (endsAtMs < Number.POSITIVE_INFINITY) time.at(endsAtMs, () => tell(taskId, undefined, true));
    },
  };
};

export const operationOf = (taskId: string): string => `kling-${taskId}`;

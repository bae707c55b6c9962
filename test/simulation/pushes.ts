import type { PushNews } from '../../lib/tasks/polling.ts';
import { minuteMs, secondMs } from '../../lib/time.ts';
import type { Troubles } from './plan.ts';
import type { Randomness } from './randomness.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What the hook reads from a push; `undefined`: anything but a task under way. */
export type Said = PushNews | undefined;

export type PushOptions = {
  time: VirtualTime;
  random: Randomness;
  troubles(): Troubles;
  push(taskId: string, said: Said): void;
};

/** How long Kling says "submitted" of a render. */
export const queuedMs = 4 * secondMs;

/** Kling's pushes: lost, repeated, late and out of order, or sent by somebody who has seen the address. */
export const createPushes = ({ time, random, troubles, push }: PushOptions) => {
  const tell = (taskId: string, said: Said): void => {
    const { pushes } = troubles();
    if (pushes === 'each') push(taskId, said);
    if (pushes === 'some') tellOften(taskId, said, random.between(0, 1));
    if (pushes === 'storm') tellOften(taskId, said, random.between(0, 8));
    if (pushes === 'lies') tellOften(taskId, lie(taskId), random.between(0, 2));
  };

  const tellOften = (taskId: string, said: Said, count: number): void => {
    const longestMs = troubles().pushes === 'lies' ? 5 * minuteMs : queuedMs;
    for (let each = 0; each < count; each += 1)
      time.after(random.between(0, longestMs), () => push(taskId, said));
  };

  const lie = (taskId: string): Said => {
    const lies: Said[] = [
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
      if (endsAtMs < Number.POSITIVE_INFINITY) time.at(endsAtMs, () => tell(taskId, undefined));
    },
  };
};

export const operationOf = (taskId: string): string => `kling-${taskId}`;

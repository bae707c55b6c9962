import { isKlingPushToken } from '../../providers/kling/push-address.ts';
import type { WakeUps } from '../../tasks/wake-ups.ts';
import type { ApiContext } from '../context.ts';
import { answerNotFound } from '../error-envelope.ts';
import { wakeOrLeaveToSweep } from '../wake-or-leave.ts';

type Dependencies = { wakeUps: Pick<WakeUps, 'poll'>; linkSigningKey: string };

/**
 * `POST /hooks/kling/{task_id}/{token}`: Kling's push. A hint and no more: nothing of its body is read, it only
 * makes us ask. Kling does not document whether it repeats a push, so a lost one is left to the polls.
 */
export const createKlingPush =
  ({ wakeUps, linkSigningKey }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const { task_id: taskId = '', token = '' } = c.req.param();
    if (!isKlingPushToken(token, taskId, linkSigningKey)) return answerNotFound(c);
    await wakeOrLeaveToSweep(c, () => wakeUps.poll({ taskId }));
    return c.json({ received: true });
  };

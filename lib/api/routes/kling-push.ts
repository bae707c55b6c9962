import { isKlingPushToken } from '../../providers/kling/push-address.ts';
import { readUnderWayPush } from '../../providers/kling/push-body.ts';
import { createHearPush, type HearPushDependencies } from '../../tasks/hear-push.ts';
import type { ApiContext } from '../context.ts';
import { answerNotFound } from '../error-envelope.ts';
import { wakeOrLeaveToSweep } from '../wake-or-leave.ts';

type Dependencies = HearPushDependencies & { linkSigningKey: string };

/**
 * `POST /hooks/kling/{task_id}/{token}`: Kling's push. That a task is under way is taken from it; all else it may say
 * only makes us ask. Kling does not document whether it repeats a push, so a lost one is left to the polls.
 */
export const createKlingPush = ({ linkSigningKey, ...dependencies }: Dependencies) => {
  const hearPush = createHearPush(dependencies);

  return async (c: ApiContext): Promise<Response> => {
    const { task_id: taskId = '', token = '' } = c.req.param();
    if (!isKlingPushToken(token, taskId, linkSigningKey)) return answerNotFound(c);
    const news = readUnderWayPush(await c.req.text(), taskId);
    await wakeOrLeaveToSweep(c, () => hearPush(taskId, news, c.get('log')));
    return c.json({ received: true });
  };
};

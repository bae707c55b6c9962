import type { Registry } from '../../providers/registry.ts';
import { isWebhookToken } from '../../providers/webhook-address.ts';
import {
  createReceiveProviderWebhook,
  type ProviderWebhookDependencies,
} from '../../videos/provider-webhook.ts';
import type { ApiContext } from '../context.ts';
import { answerNotFound } from '../error-envelope.ts';
import { wakeOrLeaveToSweep } from '../wake-or-leave.ts';

type Dependencies = ProviderWebhookDependencies & { registry: Registry; linkSigningKey: string };

/**
 * `POST /hooks/{provider}/{task_id}/{token}`: what a provider reports on a task. That it is under way is taken from
 * it; all else it may say only makes us ask. No provider promises to repeat a report, so a lost one is left to the
 * polls.
 */
export const createProviderWebhook = ({ registry, linkSigningKey, ...dependencies }: Dependencies) => {
  const receive = createReceiveProviderWebhook(dependencies);

  return async (c: ApiContext): Promise<Response> => {
    const { provider = '', task_id: taskId = '', token = '' } = c.req.param();
    const descriptor = registry.videos.find(({ name }) => name === provider);
    const { readWebhook } = descriptor ?? {};
    if (readWebhook === undefined || !isWebhookToken(token, { provider, taskId }, linkSigningKey))
      return answerNotFound(c);
    const update = readWebhook(await c.req.text(), taskId);
    await wakeOrLeaveToSweep(c, () => receive(taskId, update));
    return c.json({ received: true });
  };
};

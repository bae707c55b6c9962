import { ApiError } from '../../errors.ts';
import type { Registry } from '../../providers/registry.ts';
import { isWebhookToken } from '../../providers/webhook-address.ts';
import { createRecentCache } from '../../recent-cache.ts';
import { type Clock, minuteMs } from '../../time.ts';
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
  const isWithinLimit = createReportLimit(dependencies.now);

  return async (c: ApiContext): Promise<Response> => {
    const { provider = '', task_id: taskId = '', token = '' } = c.req.param();
    const descriptor = registry.videos.find(({ name }) => name === provider);
    const { readWebhook } = descriptor ?? {};
    if (readWebhook === undefined || !isWebhookToken(token, { provider, taskId }, linkSigningKey))
      return answerNotFound(c);
    if (!isWithinLimit(taskId)) throw tooOften();
    const update = readWebhook(await c.req.text(), taskId);
    await wakeOrLeaveToSweep(c, () => receive(taskId, update));
    return c.json({ received: true });
  };
};

/** A provider reports a handful of times on one task. An address that leaked must not cost a read each time. */
const maxReportsPerMinute = 30;

/** Counts in this instance alone: that needs no write, and what gets through is harmless. */
const createReportLimit = (now: Clock) => {
  const reports = createRecentCache<{ sinceMs: number; count: number }>({
    maxAgeMs: minuteMs,
    maxEntries: 10_000,
    now,
  });
  return (taskId: string): boolean => {
    const { sinceMs, count } = reports.get(taskId) ?? { sinceMs: now(), count: 0 };
    reports.put(taskId, { sinceMs, count: count + 1 }, sinceMs);
    return count < maxReportsPerMinute;
  };
};

const tooOften = (): ApiError =>
  new ApiError(`More than ${maxReportsPerMinute} reports on this task within a minute. Report later.`, {
    status: 429,
    code: 'rate_limit_exceeded',
    headers: { 'retry-after': '60' },
  });

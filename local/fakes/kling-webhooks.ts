import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../lib/observability/log.ts';
import type { Behaviour } from './kling-behaviour.ts';
import { processingFrom, type Render, type Renders, statusAt } from './kling-tasks.ts';

type WebhookOptions = {
  renders: Renders;
  /** The task as a query would have described it then. */
  describe: (render: Render, atMs: number) => object;
  sending: () => Behaviour['webhooks'];
  now: () => number;
  /** `whsec_…`; with it, webhooks are signed. */
  webhookSecret?: string | undefined;
  log?: Log | undefined;
};

const answerWithinMs = 5_000;
const retryMs = 1_000;

/** Tells each render's callback URL of each change of its status. */
export const createWebhooks = (options: WebhookOptions) => {
  const { renders, describe, now } = options;
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;

  const post = async (render: Render, atMs: number): Promise<void> => {
    const body = JSON.stringify(describe(render, atMs));
    const headers = { 'content-type': 'application/json; charset=utf-8', ...signature(body, options) };
    try {
      const signal = AbortSignal.timeout(answerWithinMs);
      await fetch(render.callbackUrl ?? '', { method: 'POST', headers, body, signal });
    } catch (error) {
      options.log?.event('local.webhook-unsent', { taskId: render.taskId, error });
    }
  };

  const tell = async (render: Render, atMs: number): Promise<void> => {
    renders.markTold(render.taskId, statusAt(render, atMs));
    const sending = options.sending();
    if (sending === 'off') return;
    await post(render, atMs);
    if (sending === 'repeated') await post(render, atMs);
  };

  /** A full disk, for example: nothing of it may end the process, and nothing is lost. */
  const tellUntilKept = async (render: Render, atMs: number): Promise<void> => {
    while (!stopped)
      try {
        return await tell(render, atMs);
      } catch (error) {
        options.log?.event('local.fake-unkept', { error });
        await sleep(retryMs, undefined, { ref: false });
      }
  };

  return {
    /** Each change is told as it was, and in its order, however late this process gets to it. */
    follow(render: Render): void {
      if (render.callbackUrl === undefined) return;
      let told = Promise.resolve();
      const tellAt = (atMs: number) => {
        const timer = setTimeout(
          () => {
            timers.delete(timer);
            told = told.then(() => tellUntilKept(render, atMs));
          },
          Math.max(0, atMs - now()),
        );
        timers.add(timer);
      };
      if (statusAt(render, now()) === 'submitted') tellAt(processingFrom(render));
      tellAt(render.endsAtMs);
    },
    stop(): void {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
};

/** https://klingai.com/document-api/api/get-started/callbacks: Standard Webhooks, where a secret is set. */
const signature = (body: string, { webhookSecret, now }: WebhookOptions): Record<string, string> => {
  if (webhookSecret === undefined) return {};
  const id = randomUUID();
  const timestamp = String(Math.floor(now() / 1_000));
  const key = Buffer.from(webhookSecret.replace(/^whsec_/, ''), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
};

import { Hono } from 'hono';
import { Webhook } from 'standardwebhooks';

/** `id` is the task's; a `callback.test` is about none. */
type EventData = { id?: string; result_url?: string; fail_reason?: string; message?: string };
type Event = { id: string; type: string; data: EventData };

export type ReceiverOptions = {
  /** `whsec_…` from `GET /v1/callbacks/secret`. */
  secret: string;
  /** Remembers an event's id. `false`: it was known already. In production, an insert under a unique key. */
  remember: (eventId: string) => Promise<boolean>;
  /** What the event is good for. Only puts the work somewhere; the answer to the gateway waits for it. */
  accept: (event: Event) => Promise<void>;
  /** Somebody else's event, or the wrong secret. */
  refuse: (reason: string) => void;
};

export const createReceiver = ({ secret, remember, accept, refuse }: ReceiverOptions) => {
  const webhook = new Webhook(secret);
  const app = new Hono();

  const verify = (body: string, headers: Record<string, string>): Event | undefined => {
    try {
      return webhook.verify(body, headers) as Event;
    } catch (error) {
      refuse((error as Error).message);
      return undefined;
    }
  };

  app.post('/callbacks', async (c) => {
    // The signature covers the bytes as they came: verify the text, not parsed and printed JSON.
    const event = verify(await c.req.text(), c.req.header());
    if (event === undefined) return c.text('wrong signature', 401);
    if (await remember(event.id)) await accept(event);
    return c.body(null, 204);
  });

  app.onError((_error, c) => c.text('try again', 500));
  return app;
};

import { Hono } from 'hono';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

type Event = { id: string; type: string; data: { id: string; result_url?: string; fail_reason?: string } };

export type ReceiverOptions = {
  /** `whsec_…` from `GET /v1/callbacks/secret`. */
  secret: string;
  /** Remembers an event's id. `false`: it was known already. In production, an insert under a unique key. */
  remember: (eventId: string) => Promise<boolean>;
  /** What the event is good for. Only puts the work somewhere; the answer to the gateway waits for it. */
  accept: (event: Event) => Promise<void>;
};

export const createReceiver = ({ secret, remember, accept }: ReceiverOptions) => {
  const webhook = new Webhook(secret);
  const app = new Hono();

  app.post('/callbacks', async (c) => {
    // The signature covers the bytes as they came: verify the text, not parsed and printed JSON.
    const body = await c.req.text();
    const event = webhook.verify(body, c.req.header()) as Event;
    if (await remember(event.id)) await accept(event);
    return c.body(null, 204);
  });

  app.onError((error, c) =>
    error instanceof WebhookVerificationError ? c.text('wrong signature', 401) : c.text('try again', 500),
  );
  return app;
};

import { createHmac, timingSafeEqual } from 'node:crypto';

type Webhook = { provider: string; taskId: string };

const tokenFor = ({ provider, taskId }: Webhook, signingKey: string): string =>
  createHmac('sha256', signingKey).update(`webhook:${provider}:${taskId}`).digest('base64url').slice(0, 32);

/** Where a provider may report on one task: unguessable, and different for every task. */
export const webhookUrl = (publicUrl: string, webhook: Webhook, signingKey: string): string =>
  `${publicUrl}/hooks/${webhook.provider}/${webhook.taskId}/${tokenFor(webhook, signingKey)}`;

export const isWebhookToken = (given: string, webhook: Webhook, signingKey: string): boolean => {
  const expected = Buffer.from(tokenFor(webhook, signingKey));
  const received = Buffer.from(given);
  return received.length === expected.length && timingSafeEqual(received, expected);
};

const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Providers call public https addresses; a fake on this machine reaches whatever runs beside it. */
export const canReachWebhook = (publicUrl: string, providerUrl: string): boolean =>
  publicUrl.startsWith('https:') || loopbackHosts.has(new URL(providerUrl).hostname);

import { createHmac } from 'node:crypto';
import type { Workspace } from '../keys/workspace.ts';

const secretPrefix = 'whsec_';

type SignedContent = { id: string; timestampSeconds: number; body: Buffer };

const sign = ({ id, timestampSeconds, body }: SignedContent, secret: string): string =>
  createHmac('sha256', Buffer.from(secret.slice(secretPrefix.length), 'base64'))
    .update(`${id}.${timestampSeconds}.`)
    .update(body)
    .digest('base64');

/**
 * The value of `webhook-signature`: one entry per secret, so that a receiver may hold any of them.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
export const signatureHeader = (content: SignedContent, secrets: readonly string[]): string =>
  secrets.map((secret) => `v1,${sign(content, secret)}`).join(' ');

/** The secrets that sign now, newest first: after a rotation the one before as well, until its end. */
export const signingSecrets = (
  { callbackSecret, previousCallbackSecret }: Pick<Workspace, 'callbackSecret' | 'previousCallbackSecret'>,
  nowMs: number,
): string[] =>
  previousCallbackSecret && previousCallbackSecret.endsAtMs > nowMs
    ? [callbackSecret, previousCallbackSecret.secret]
    : [callbackSecret];

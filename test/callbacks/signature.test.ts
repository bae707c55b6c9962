import OpenAI from 'openai';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { describe, expect, it } from 'vitest';
import { signatureHeader, signingSecrets } from '../../lib/callbacks/signature.ts';
import { newCallbackSecret } from '../../lib/keys/api-key.ts';
import { aWorkspace } from '../support/keys.ts';

const current = newCallbackSecret();
const previous = newCallbackSecret();
const body = Buffer.from(JSON.stringify({ type: 'video.completed', data: { prompt: 'Regen – 雨 🌧' } }));

const signedHeaders = (secondsAgo = 0) => {
  const timestampSeconds = Math.floor(Date.now() / 1000) - secondsAgo;
  const content = { id: 'evt_1', timestampSeconds, body };
  return {
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatureHeader(content, [current, previous]),
  };
};

type Verify = (secret: string, headers: Record<string, string>) => unknown;
const verifiers: [string, Verify][] = [
  ['standardwebhooks', (secret, headers) => new StandardWebhook(secret).verify(body.toString(), headers)],
  ['svix', (secret, headers) => new SvixWebhook(secret).verify(body.toString(), headers)],
  [
    'openai',
    (secret, headers) => new OpenAI({ apiKey: '-' }).webhooks.unwrap(body.toString(), headers, secret),
  ],
];

describe('the signature', () => {
  it('is that of the vector published with Standard Webhooks', () => {
    const content = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampSeconds: 1_614_265_330,
      body: Buffer.from('{"test": 2432232314}'),
    };
    expect(signatureHeader(content, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  describe.each(verifiers)('%s', (_name, verify) => {
    const verifying = async (secret: string, headers: Record<string, string>) => verify(secret, headers);

    it('accepts it with the new and with the old secret of a rotation', async () => {
      await expect(verifying(current, signedHeaders())).resolves.not.toThrow();
      await expect(verifying(previous, signedHeaders())).resolves.not.toThrow();
    });
    it('rejects it with any other secret', async () => {
      await expect(verifying(newCallbackSecret(), signedHeaders())).rejects.toThrow();
    });
    it('rejects a timestamp 302 seconds away', async () => {
      await expect(verifying(current, signedHeaders(302))).rejects.toThrow();
      await expect(verifying(current, signedHeaders(-302))).rejects.toThrow();
    });
    it('rejects a body that was changed on its way', async () => {
      const headers = signedHeaders();
      const forged = { ...headers, 'webhook-id': 'evt_2' };
      await expect(verifying(current, forged)).rejects.toThrow();
    });
  });
});

describe('the secrets that sign', () => {
  const rotated = aWorkspace({
    callbackSecret: current,
    previousCallbackSecret: { secret: previous, endsAtMs: 1_000 },
  });

  it('are the new and the old one, newest first, until the old one ends', () => {
    expect(signingSecrets(rotated, 999)).toEqual([current, previous]);
  });
  it('are the new one alone from then on', () => {
    expect(signingSecrets(rotated, 1_000)).toEqual([current]);
  });
});

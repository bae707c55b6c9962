import { expect, test } from 'vitest';
import { requireOrigin } from '../../functions/bootstrap/require-origin.ts';

const app = { fetch: () => new Response('served') };
const origin = { secret: 'a'.repeat(64), publicUrl: 'https://media.example.com' };
const ask = (headers: Record<string, string>, expected: typeof origin | undefined = origin) =>
  requireOrigin(app, expected).fetch(new Request('https://function.example/v1/models', { headers }));

test('a request that came through CloudFront is served', async () => {
  const answer = await ask({ 'x-clear-origin-secret': origin.secret });
  expect(await answer.text()).toBe('served');
});

test.each([
  {},
  { 'x-clear-origin-secret': '' },
  { 'x-clear-origin-secret': 'a'.repeat(63) },
  { 'x-clear-origin-secret': 'b'.repeat(64) },
  { authorization: `Bearer ${origin.secret}` },
])(
  'one that went round it with %j is refused, whatever its key, and told the right address',
  async (headers) => {
    const answer = await ask(headers);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-request-id')).toMatch(/./);
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('access_denied');
    expect(error.message).toBe(
      'Nothing is served at this address. Send requests to https://media.example.com.',
    );
  },
);

test('without a domain the Function URL is the address', async () => {
  const answer = await requireOrigin(app, undefined).fetch(new Request('https://function.example/'));
  expect(await answer.text()).toBe('served');
});

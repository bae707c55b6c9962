import { expect, it } from 'vitest';
import { createOpenAiImages } from '../../lib/providers/openai/openai-images.ts';
import { secondMs } from '../../lib/time.ts';
import { createTestApi, errorOf } from '../support/api.ts';
import { openNothing } from '../support/provider-answers.ts';

/** Three models, each of which answers after so long: with an error, or not at all. */
const askThree = async (answer: object, afterMs: number) => {
  const deadlinesMs: number[] = [];
  const openai = createOpenAiImages({
    baseUrl: 'https://openai.example',
    apiKey: 'key',
    http: async ({ deadlineMs }) => {
      deadlinesMs.push(deadlineMs);
      api.clock.nowMs += Math.min(deadlineMs, afterMs);
      return afterMs < deadlineMs
        ? { httpStatus: 500, body: JSON.stringify(answer) }
        : { noAnswer: 'it took too long', mayHaveArrived: true };
    },
    openLink: openNothing,
  });
  const api = createTestApi({ providers: { imageProviders: { openai } } });
  const gpt = 'openai/gpt-image-1.5';
  const response = await api.post('/v1/images/generations', {
    model: gpt,
    prompt: 'a gate',
    models: [gpt, gpt, gpt],
    route: 'fallback',
  });
  return { response, deadlinesMs };
};
const down = { error: { message: 'down', type: 'server_error', code: null } };

it('a chain of models has no more time than one of them', async () => {
  const { response, deadlinesMs } = await askThree(down, 100 * secondMs);
  expect(deadlinesMs).toEqual([290, 190, 90].map((seconds) => seconds * secondMs));
  expect(response.status).toBe(502);
});

it('nor has a model that takes the place of one that its provider has retired', async () => {
  const gone = { error: { message: 'gone', type: 'invalid_request_error', code: 'model_not_found' } };
  const { deadlinesMs } = await askThree(gone, 100 * secondMs);
  expect(deadlinesMs).toEqual([290, 190, 90].map((seconds) => seconds * secondMs));
});

it('no other model is asked when the first has used all the time up, and the caller hears of that one', async () => {
  const { response, deadlinesMs } = await askThree(down, 300 * secondMs);
  expect(deadlinesMs).toEqual([290 * secondMs]);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect((await errorOf(response)).message).toContain('may have been made and charged');
});

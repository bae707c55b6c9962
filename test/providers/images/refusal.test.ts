import { expect, it } from 'vitest';
import { quoteProvider } from '../../../lib/providers/images/refusal.ts';

it.each([
  ["Invalid value: '9999x9'.", "Invalid value: '9999x9'."],
  ['Wrong key sk-proj-abcdef123456 given.', 'Wrong key … given.'],
  ['Key AIzaSyA-1234567890abcdefghijklmnopq, key xai-AbCdEf0123456789xyz.', 'Key …, key ….'],
  ['Incorrect API key sk-proj-********abcd of org-0a1b2c3d4e5f6a7b8c9d.', 'Incorrect API key … of ….'],
  [
    'No model grok-imagine-image-quality, only gpt-image-2.6-sunburst.',
    'No model grok-imagine-image-quality, only gpt-image-2.6-sunburst.',
  ],
  ['See https://platform.openai.com/account for help.', 'See for help.'],
  ['Not allowed (request id: 063f708f-f4c2-4465).', 'Not allowed .'],
  ['two\nlines', 'two lines'],
])('of %j the caller reads %j', (message, quoted) => {
  expect(quoteProvider(message)).toBe(quoted);
});

it('quotes no more than a few lines', () => {
  expect(quoteProvider('word '.repeat(500)).length).toBeLessThanOrEqual(300);
});

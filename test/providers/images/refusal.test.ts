import { expect, it } from 'vitest';
import { quoteProvider } from '../../../lib/providers/images/refusal.ts';

it.each([
  ["Invalid value: '9999x9'.", "Invalid value: '9999x9'."],
  ['Wrong key sk-proj-abcdef123456 given.', 'Wrong key … given.'],
  ['See https://platform.openai.com/account for help.', 'See for help.'],
  ['Not allowed (request id: 063f708f-f4c2-4465).', 'Not allowed .'],
  ['two\nlines', 'two lines'],
])('of %j the caller reads %j', (message, quoted) => {
  expect(quoteProvider(message)).toBe(quoted);
});

it('quotes no more than a few lines', () => {
  expect(quoteProvider('word '.repeat(500)).length).toBeLessThanOrEqual(300);
});

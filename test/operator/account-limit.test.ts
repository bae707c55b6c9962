import { expect, test } from 'vitest';
import { readSettings } from '../../cdk/settings.ts';
import { judgeAccountLimit } from '../../operator/account-limit.ts';

const judge = (executions: number, settings: Record<string, unknown> = {}, unreserved = executions) =>
  judgeAccountLimit(readSettings('trial', settings, 'test'), {
    concurrentExecutions: executions,
    unreservedExecutions: unreserved,
  });

test('a new account with ten executions is led to the preset and to AWS', () => {
  const { fits, text } = judge(10);
  expect(fits).toBe(false);
  expect(text).toContain('Your account may run 10 executions at once');
  expect(text).toContain('Set "preset": "small-account" in settings.trial.json, or ask AWS for more');
});

test('the preset fits into ten, with a word on what that is good for', () => {
  const { fits, text } = judge(10, { preset: 'small-account' });
  expect(fits).toBe(true);
  expect(text).toContain('before real use, ask AWS for more');
});

test('the preset does not fit where others have reserved most', () => {
  expect(judge(10, { preset: 'small-account' }, 4)).toEqual({
    fits: false,
    text: expect.stringMatching(/leaves none for the API\. Ask AWS for more/),
  });
});

test('an ordinary account has room', () => {
  const { fits, text } = judge(1_000);
  expect(fits).toBe(true);
  expect(text).not.toContain('before real use');
});

test('a reservation that AWS would refuse is told beforehand', () => {
  expect(judge(150, { apiReservedConcurrency: 60 })).toEqual({
    fits: false,
    text: expect.stringContaining('apiReservedConcurrency 60 will be refused'),
  });
  expect(judge(1_000, { apiReservedConcurrency: 60 }).fits).toBe(true);
});

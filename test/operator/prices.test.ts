import { expect, test } from 'vitest';
import { showPrices } from '../../operator/prices-program.ts';
import { UsageError } from '../../operator/usage-error.ts';
import { noonMs } from '../support/keys.ts';

const prices = (args: string[], variables: Record<string, string> = {}) =>
  showPrices(args, variables, noonMs);

test('npm run prices shows each rate, and of which model none is known', () => {
  const table = prices([]);
  expect(table).toMatch(/^kling\/kling-v2-6 +0.07 +second +mode pro, sound off.*2026-08-13 +https:/m);
  expect(table).toMatch(/^grok\/grok-imagine-image-2.0 +unknown$/m);
});

test('npm run prices follows the operator’s own', () => {
  const set = { KLING_UNIT_PRICE_USD: '0.1', PRICES: '{"kling/kling-v3": null}' };
  const shown = JSON.parse(prices(['--json'], set));
  const find = (id: string) => shown.find(({ model }: { model: string }) => model === id).prices;
  expect(find('kling/kling-v3')).toBeNull();
  expect(find('kling/kling-v2-6').rates[0]).toMatchObject({ per: 'second', usd: '0.03' });
});

test('npm run prices says how it is used', () => {
  expect(() => prices(['--stag', 'x'])).toThrow(UsageError);
  expect(prices(['--help'])).toMatch(/Usage: npm run prices/);
});

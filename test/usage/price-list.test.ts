import { describe, expect, it } from 'vitest';
import { registry } from '../../lib/providers/registry.ts';
import { createPriceList } from '../../lib/usage/price-list.ts';

const model = 'grok/grok-imagine-image-2.0';
const withPrices = (given: unknown) => createPriceList(registry, { PRICES: JSON.stringify(given) });
const rates = [{ per: 'image', usd: '0.06' }];

describe('the listed prices', () => {
  it.each(registry.descriptors)(
    'of $title are of its own models, and say where and when they were read',
    ({ models, prices }) => {
      expect(prices?.source).toMatch(/^https:\/\//);
      expect(prices?.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
      const ids = models.map(({ id }) => id);
      expect(Object.keys(prices?.models ?? {}).filter((id) => !ids.includes(id))).toEqual([]);
    },
  );
});

describe('an operator’s own prices', () => {
  it('take the place of the listed ones', () => {
    expect(withPrices({ [model]: { as_of: '2026-11-26', rates } }).of(model)).toEqual({
      source: 'operator',
      asOf: '2026-11-26',
      rates: [{ per: 'image', microUsd: 60_000, when: {} }],
    });
    expect(withPrices({ 'kling/kling-v3': null }).of('kling/kling-v3')).toBeUndefined();
  });

  it.each([
    [{ 'kling/kling-v9': null }, /kling\/kling-v9 is no model/],
    [{ [model]: { as_of: 'today', rates } }, /as_of: must be a day/],
    [
      { [model]: { as_of: '2026-11-26', rates: [{ per: 'image', usd: '-1' }] } },
      /must be an amount in US dollars/,
    ],
    [
      { [model]: { as_of: '2026-11-26', rates: [{ per: 'image', usd: 0.06 }] } },
      /must be an amount in US dollars/,
    ],
    [
      { [model]: { as_of: '2026-11-26', rates: [{ per: 'pixel', usd: '1' }] } },
      /must be one of second, image/,
    ],
    [
      { [model]: { as_of: '2026-11-26', rates: [{ per: 'image', usd: '1', wen: { quality: 'low' } }] } },
      /rates\.0: must be an object with per, usd and, if need be, when, without wen/,
    ],
    [{ [model]: { as_of: '2026-11-26', rates: [], rate: [] } }, /without rate$/],
    [
      { [model]: { as_of: '2026-11-26', rates: [{ per: 'image', usd: '1', when: { quality: 1 } }] } },
      /when\.quality: must be an object of text/,
    ],
  ])('are refused where they cannot be used: %j', (given, words) => {
    expect(() => withPrices(given)).toThrow(words);
  });

  it('are refused where they are no JSON, and so is a unit price that is none', () => {
    expect(() => createPriceList(registry, { PRICES: '{' })).toThrow(/must be a JSON object/);
    expect(() => createPriceList(registry, { KLING_UNIT_PRICE_USD: 'cheap' })).toThrow(
      /KLING_UNIT_PRICE_USD.*such as 0.14/,
    );
  });
});

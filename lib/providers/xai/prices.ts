import type { ListedPrices } from '../prices.ts';

/** xAI's answers say what they cost; this is for those that do not. Of its other models only resellers' prices are known. */
export const xaiPrices: ListedPrices = {
  source: 'https://docs.crazyrouter.com/en/images/grok',
  asOf: '2026-11-26',
  models: { 'grok/grok-imagine-image': [{ per: 'image', usd: '0.02' }] },
};

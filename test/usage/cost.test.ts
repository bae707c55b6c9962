import { describe, expect, it } from 'vitest';
import { formatUsd } from '../../lib/money.ts';
import type { MadeImages } from '../../lib/providers/image-provider.ts';
import type { Traits } from '../../lib/providers/prices.ts';
import { registry } from '../../lib/providers/registry.ts';
import { costOfImages, priceVideo, totalMicroUsd } from '../../lib/usage/cost.ts';
import { createPriceList } from '../../lib/usage/price-list.ts';

const prices = createPriceList(registry, {});
const videoUsd = (model: string, priced: { seconds?: number; traits: Traits }, list = prices) => {
  const parts = priceVideo(list.of(`kling/${model}`), priced);
  return parts && formatUsd(totalMicroUsd(parts));
};
const traits = (mode: string, changes: Traits = {}): Traits => ({
  mode,
  sound: 'off',
  video_input: 'no',
  voices: 'no',
  ...changes,
});

describe('the list price of a video', () => {
  it.each([
    ['kling-v2-5-turbo', 10, traits('pro'), '0.7'],
    ['kling-v2-6', 5, traits('std'), '0.21'],
    ['kling-v2-6', 5, traits('pro', { sound: 'on' }), '0.7'],
    ['kling-v2-6', 5, traits('pro', { sound: 'on', voices: 'yes' }), '0.84'],
    ['kling-v3', 15, traits('4k', { sound: 'on' }), '6.3'],
    ['kling-v3-omni', 3, traits('std', { video_input: 'yes' }), '0.378'],
  ])('%s, %d s, %j', (model, seconds, withTraits, usd) => {
    expect(videoUsd(model, { seconds, traits: withTraits })).toBe(usd);
  });

  it('follows what the operator pays for a unit', () => {
    const cheaper = createPriceList(registry, { KLING_UNIT_PRICE_USD: '0.126' });
    expect(videoUsd('kling-v2-6', { seconds: 5, traits: traits('pro') }, cheaper)).toBe('0.315');
  });

  it('is not known of what nobody has listed, nor of a length that nobody knows', () => {
    expect(videoUsd('kling-v2-6', { seconds: 5, traits: traits('4k') })).toBeUndefined();
    expect(videoUsd('kling-v3-omni', { traits: traits('std', { video_input: 'yes' }) })).toBeUndefined();
  });
});

const image = { base64: 'AAAA' };
const made = (more: Partial<MadeImages> = {}): MadeImages => ({ status: 'made', images: [image], ...more });
const usage = {
  input_tokens: 50,
  input_tokens_details: { text_tokens: 50, image_tokens: 0 },
  output_tokens: 1_120,
  total_tokens: 1_170,
};

describe('images that were made', () => {
  it('cost what their provider says', () => {
    const cost = costOfImages(prices.of('grok/grok-imagine-image-2.0'), made({ chargedMicroUsd: 60_000 }));
    expect(cost).toEqual({ microUsd: 60_000, source: 'provider' });
  });

  it('cost the tokens that they took', () => {
    expect(costOfImages(prices.of('openai/gpt-image-2'), made({ usage }))).toEqual({
      microUsd: 50 * 5 + 1_120 * 30,
      source: 'provider',
    });
  });

  it('cost by the image where it is not known how many tokens were text', () => {
    const nanoBanana = prices.of('google/gemini-nano-banana-2.1');
    expect(costOfImages(nanoBanana, made({ usage, images: [image, image] }), { resolution: '2k' })).toEqual({
      microUsd: 100_800,
      source: 'price_list',
    });
    const output_tokens_details = { text_tokens: 120, image_tokens: 1_000 };
    expect(costOfImages(nanoBanana, made({ usage: { ...usage, output_tokens_details } }))).toEqual({
      microUsd: 75 + 900 + 30_000,
      source: 'provider',
    });
  });

  it('cost as drawn, where the provider chose size and quality', () => {
    const cost = costOfImages(
      prices.of('openai/gpt-image-1.5'),
      made({ drawnAs: { size: '1536x1024', quality: 'medium' } }),
    );
    expect(cost).toEqual({ microUsd: 50_000, source: 'price_list' });
  });

  it('have no cost where no price is known', () => {
    expect(costOfImages(prices.of('grok/grok-imagine-image-2.0'), made())).toEqual({ microUsd: null });
    expect(costOfImages(undefined, made({ usage }))).toEqual({ microUsd: null });
  });
});

import type { ListedPrices } from '../prices.ts';

export const googlePrices: ListedPrices = {
  source: 'https://ai.google.dev/gemini-api/docs/pricing',
  asOf: '2026-10-09',
  models: {
    'google/gemini-nano-banana-2.1': [
      { per: 'million_input_text_tokens', usd: '1.5' },
      { per: 'million_output_text_tokens', usd: '7.5' },
      { per: 'million_output_image_tokens', usd: '30' },
      { per: 'image', usd: '0.0336', when: { resolution: '1k' } },
      { per: 'image', usd: '0.0504', when: { resolution: '2k' } },
      { per: 'image', usd: '0.1134', when: { resolution: '4k' } },
    ],
    'google/gemini-3-pro-image': [
      { per: 'million_input_text_tokens', usd: '2' },
      { per: 'million_output_text_tokens', usd: '12' },
      { per: 'million_output_image_tokens', usd: '120' },
      { per: 'image', usd: '0.1344', when: { resolution: '1k' } },
      { per: 'image', usd: '0.1344', when: { resolution: '2k' } },
      { per: 'image', usd: '0.24', when: { resolution: '4k' } },
    ],
  },
};

import type { ListedPrices, ListedRate } from '../prices.ts';

type TokenPrices = { inputText: string; inputImage: string; outputImage: string; outputText?: string };

const tokens = ({ inputText, inputImage, outputImage, outputText }: TokenPrices): ListedRate[] => [
  { per: 'million_input_text_tokens', usd: inputText },
  { per: 'million_input_image_tokens', usd: inputImage },
  { per: 'million_output_image_tokens', usd: outputImage },
  ...(outputText === undefined ? [] : [{ per: 'million_output_text_tokens', usd: outputText } as const]),
];

/** What an image costs by its quality, square and oblong, for models with fixed sizes. */
const images = (prices: Record<string, readonly [square: string, oblong: string]>): ListedRate[] =>
  Object.entries(prices).flatMap(([quality, [square, oblong]]) => [
    { per: 'image', usd: square, when: { quality, size: '1024x1024' } },
    { per: 'image', usd: oblong, when: { quality, size: '1024x1536' } },
    { per: 'image', usd: oblong, when: { quality, size: '1536x1024' } },
  ]);

const gptImage2 = tokens({ inputText: '5', inputImage: '8', outputImage: '30' });

export const openAiPrices: ListedPrices = {
  source: 'https://developers.openai.com/api/docs/models',
  asOf: '2026-11-05',
  models: {
    'openai/gpt-image-1-mini': [
      ...tokens({ inputText: '2', inputImage: '2.5', outputImage: '8' }),
      ...images({ low: ['0.005', '0.006'], medium: ['0.011', '0.015'], high: ['0.036', '0.052'] }),
    ],
    'openai/gpt-image-1.5': [
      ...tokens({ inputText: '5', inputImage: '8', outputImage: '32', outputText: '10' }),
      ...images({ low: ['0.009', '0.013'], medium: ['0.034', '0.05'], high: ['0.133', '0.2'] }),
    ],
    'openai/gpt-image-2': gptImage2,
    'openai/gpt-image-2.5-sunburst': gptImage2,
    'openai/gpt-image-2.5-flare': gptImage2,
    'openai/gpt-image-2.6-sunburst': gptImage2,
    'openai/gpt-image-2.6-flare': gptImage2,
  },
};

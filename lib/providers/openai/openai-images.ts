import type { Json, JsonObject } from '../../json.ts';
import { countAt, fieldAt, textAt } from '../http/fields.ts';
import type { DrawnAs, ImageProvider, ImageUsage } from '../image-provider.ts';
import type { ImageAccount } from '../images/account.ts';
import { unknownAnswer } from '../images/ask.ts';
import { orderInOpenAiDialect } from '../images/openai-dialect.ts';
import { ownModel } from '../model.ts';
import { readOpenAiFailure } from './failure.ts';
import { openAiModels } from './models.ts';
import { planOpenAi } from './plan.ts';

/** OpenAI's Images API, GPT Image family: https://developers.openai.com/api/docs/guides/image-generation */
export const createOpenAiImages = (account: ImageAccount): ImageProvider => ({
  name: 'openai',
  plan: (request, model) => planOpenAi(request, ownModel(openAiModels, model)),
  async generate(order) {
    const made = await orderInOpenAiDialect(account, order, {
      readFailure: readOpenAiFailure,
      withoutImage: () => unknownAnswer('no image'),
    });
    if ('failure' in made) return made.failure;
    const { answer, images } = made;
    const usage = usageOf(answer);
    return { status: 'made', images, ...(usage && { usage }), drawnAs: drawnAsOf(answer) };
  },
});

const usageOf = ({ usage }: JsonObject): ImageUsage | undefined => {
  const total = countAt(usage, 'total_tokens');
  if (total === undefined) return undefined;
  const input = countAt(usage, 'input_tokens') ?? 0;
  const inputDetails = detailsAt(usage, 'input_tokens_details');
  const outputDetails = detailsAt(usage, 'output_tokens_details');
  return {
    input_tokens: input,
    // Typed clients fail without it.
    input_tokens_details: inputDetails ?? { text_tokens: input, image_tokens: 0 },
    output_tokens: countAt(usage, 'output_tokens') ?? total - input,
    ...(outputDetails && { output_tokens_details: outputDetails }),
    total_tokens: total,
  };
};

const detailsAt = (usage: Json | undefined, name: string) => {
  const details = fieldAt(usage, name);
  const textTokens = countAt(details, 'text_tokens');
  const imageTokens = countAt(details, 'image_tokens');
  if (textTokens === undefined && imageTokens === undefined) return undefined;
  return { text_tokens: textTokens ?? 0, image_tokens: imageTokens ?? 0 };
};

const drawnAsFields = ['size', 'quality', 'background', 'output_format'] as const;

const drawnAsOf = (answer: JsonObject): DrawnAs =>
  Object.fromEntries(
    drawnAsFields.map((name) => [name, textAt(answer, name)]).filter(([, value]) => value !== ''),
  );

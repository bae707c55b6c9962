import type { JsonObject } from '../../json.ts';
import { countAt } from '../http/fields.ts';
import type { ImageFailure, ImageProvider } from '../image-provider.ts';
import type { ImageAccount } from '../images/account.ts';
import { unknownAnswer } from '../images/ask.ts';
import { orderInOpenAiDialect } from '../images/openai-dialect.ts';
import { refusedContent } from '../images/refusal.ts';
import { ownModel } from '../model.ts';
import { readXaiFailure } from './failure.ts';
import { xaiModels } from './models.ts';
import { planXai } from './plan.ts';

/** xAI's Images API, Grok Imagine family: https://docs.x.ai/developers/model-capabilities/images/generation */
export const createXaiImages = (account: ImageAccount): ImageProvider => ({
  name: 'xai',
  plan: (request, model) => planXai(request, ownModel(xaiModels, model)),
  async generate(order) {
    const made = await orderInOpenAiDialect(account, order, { readFailure: readXaiFailure, withoutImage });
    if ('failure' in made) return made.failure;
    const charged = chargedBy(made.answer);
    return {
      status: 'made',
      images: made.images,
      ...(charged !== undefined && { chargedMicroUsd: charged }),
    };
  },
});

const ticksPerMicroUsd = 10_000;

/** https://github.com/xai-org/xai-proto: a dollar has 10,000,000,000 ticks. */
const chargedBy = ({ usage }: JsonObject): number | undefined => {
  const ticks = countAt(usage, 'cost_in_usd_ticks');
  return ticks === undefined ? undefined : Math.round(ticks / ticksPerMicroUsd);
};

/** Moderation is silent here: HTTP 200, and the image is not there. */
const withoutImage = ({ data }: JsonObject): ImageFailure =>
  Array.isArray(data) ? refusedContent('moderation') : unknownAnswer('no list of images');

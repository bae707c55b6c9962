import type { Problem } from '../../errors.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';

const maxChainLength = 5;

/**
 * The models to try in turn, where the request asks for that: `models` with `"route": "fallback"`, at the top of the
 * body or in `extra_body`. More than five are dropped without a word, as ClearMaas does.
 */
export const readFallbackChain = (
  body: JsonObject,
): { chain?: readonly string[]; problems: readonly Problem[] } => {
  const extra = body['extra_body'];
  const source = body['route'] === 'fallback' ? body : isJsonObject(extra) ? extra : {};
  if (source['route'] !== 'fallback' || source['models'] === undefined) return { problems: [] };
  const { models } = source;
  if (!Array.isArray(models) || !models.every((model) => typeof model === 'string'))
    return { problems: [{ param: 'models', message: 'must be a list of model ids.' }] };
  return models.length === 0 ? { problems: [] } : { chain: models.slice(0, maxChainLength), problems: [] };
};

import { cutText } from '../../cut-text.ts';
import type { Problem } from '../../errors.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';

const maxChainLength = 5;
const maxNamedCharacters = 200;

type FallbackReading = {
  chain?: readonly string[];
  problems: readonly Problem[];
  /** What of these fields is not followed. */
  ignored: readonly string[];
};

export const fallbackFields: readonly string[] = ['models', 'route', 'extra_body'];

/**
 * The models to try in turn, where the request asks for that: `models` with `"route": "fallback"`, at the top of the
 * body or in `extra_body`. Of more than five the first five are taken, as ClearMaas does.
 */
export const readFallbackChain = (body: JsonObject): FallbackReading => {
  const given = placesIn(body);
  const before = body['route'] === 'fallback' ? '' : 'extra_body.';
  const source = before === '' ? body : isJsonObject(body['extra_body']) ? body['extra_body'] : {};
  const { models } = source;
  if (source['route'] !== 'fallback' || models === undefined) return { problems: [], ignored: given };
  const ignored = given.filter((place) => place !== `${before}models` && place !== `${before}route`);
  if (!Array.isArray(models) || !models.every((model) => typeof model === 'string'))
    return { problems: [{ param: `${before}models`, message: 'must be a list of model ids.' }], ignored };
  if (models.length === 0) return { problems: [], ignored: given };
  const dropped = models.slice(maxChainLength).map((_model, at) => `${before}models[${maxChainLength + at}]`);
  return { chain: models.slice(0, maxChainLength), problems: [], ignored: [...ignored, ...dropped] };
};

export const notFollowedWarnings = (places: readonly string[]): string[] =>
  places.length === 0
    ? []
    : [
        `${cutText(places.join(', '), maxNamedCharacters)} was ignored: of route, models and extra_body only models with "route": "fallback" beside it are followed, at most ${maxChainLength}.`,
      ];

const placesIn = (body: JsonObject): string[] => {
  const { extra_body: extra } = body;
  return [
    ...['models', 'route'].filter((name) => body[name] !== undefined),
    ...(isJsonObject(extra) ? Object.keys(extra).map((name) => `extra_body.${name}`) : []),
    ...(extra === undefined || isJsonObject(extra) ? [] : ['extra_body']),
  ];
};

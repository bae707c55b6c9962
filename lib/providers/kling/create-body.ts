import type { StartOptions, VideoRequest } from '../provider.ts';
import { assetPrefix, mapPictures } from './picture-places.ts';

// TypeScript's library does not have it yet.
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

/**
 * The body of Kling's create call. Pictures from the asset store go in as base64 without a `data:` prefix, element
 * ids as integers longer than a number can hold. What names the model and the task comes last, so that nothing
 * else can.
 */
export const createBody = (
  { parameters, upstreamModel }: VideoRequest,
  { taskId, webhookUrl }: StartOptions,
  pictures: ReadonlyMap<string, Uint8Array>,
): string => {
  const base64Of = (picture: string): string => {
    const bytes = picture.startsWith(assetPrefix)
      ? pictures.get(picture.slice(assetPrefix.length))
      : undefined;
    return bytes === undefined ? picture : Buffer.from(bytes).toString('base64');
  };
  const withPictures = mapPictures(parameters, base64Of);
  return JSON.stringify({
    ...withPictures,
    ...elementsIn(withPictures['element_list']),
    model_name: upstreamModel,
    external_task_id: taskId,
    ...(webhookUrl !== undefined && { callback_url: webhookUrl }),
  });
};

const elementsIn = (list: VideoRequest['parameters'][string] | undefined) =>
  Array.isArray(list) && { element_list: list.map(withIntegerId) };

const withIntegerId = (element: unknown): unknown => {
  const { element_id } = element as { element_id?: unknown };
  return typeof element_id === 'string' ? { element_id: rawJSON(element_id) } : element;
};

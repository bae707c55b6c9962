import { isJsonObject, type Json } from '../../json.ts';
import type { VideoRequest } from '../provider.ts';

type Parameters = VideoRequest['parameters'];

/** Marks a picture that lies in the asset store; no URL and no base64 begins like this. */
export const assetPrefix = 'asset:';

/** Changes every text that stands for a picture in a request to Kling, and nothing else. */
export const mapPictures = (parameters: Parameters, change: (picture: string) => string): Parameters => {
  const changeIn = (holder: Record<string, Json>, name: string): Record<string, Json> => {
    const picture = holder[name];
    return typeof picture === 'string' ? { ...holder, [name]: change(picture) } : holder;
  };
  const changed = changeIn(changeIn(parameters, 'image'), 'image_tail');
  const list = changed['image_list'];
  if (!Array.isArray(list)) return changed;
  const image_list = list.map((item) => (isJsonObject(item) ? changeIn(item, 'image_url') : item));
  return { ...changed, image_list };
};

/** The request with each placeholder of a picture replaced by the asset that it was stored as. */
export const withStoredPictures = (
  request: VideoRequest,
  assetIds: ReadonlyMap<string, string>,
): VideoRequest => ({
  ...request,
  parameters: mapPictures(request.parameters, (picture) => {
    const assetId = assetIds.get(picture);
    return assetId === undefined ? picture : `${assetPrefix}${assetId}`;
  }),
});

/** The ids of the assets that a request needs. */
export const assetsIn = (request: VideoRequest): string[] => {
  const ids = new Set<string>();
  mapPictures(request.parameters, (picture) => {
    if (picture.startsWith(assetPrefix)) ids.add(picture.slice(assetPrefix.length));
    return picture;
  });
  return [...ids];
};

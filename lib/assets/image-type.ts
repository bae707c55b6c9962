type ImageType = { contentType: string; extension: string };

const png: ImageType = { contentType: 'image/png', extension: 'png' };
const jpeg: ImageType = { contentType: 'image/jpeg', extension: 'jpg' };
const webp: ImageType = { contentType: 'image/webp', extension: 'webp' };

const imageTypeBytes = 12;

/** Tells an image's type by its first bytes, whatever its sender calls it. */
export const recogniseImageType = (start: Uint8Array): ImageType | undefined => {
  const text = Buffer.from(start.subarray(0, imageTypeBytes)).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return png;
  if (text.startsWith('\xff\xd8\xff')) return jpeg;
  if (text.startsWith('RIFF') && text.slice(8) === 'WEBP') return webp;
  return undefined;
};

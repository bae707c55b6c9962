import { mediaUrlProblem } from './media-url.ts';
import { isJpeg, isPng, pictureSize } from './picture-size.ts';

/** A picture as the caller gave it: where it lies, or the picture itself. */
export type Picture = { url: string } | { bytes: Uint8Array };

const megabyte = 1_048_576;
const maxBytes = 10 * megabyte;
const minSide = 300;
const maxRatio = 2.5;

/** Reads a URL, a data URL, or bare base64; a text says what is wrong with it. */
export const readPicture = (text: string, allowPrivateUrls: boolean): Picture | string => {
  if (/^\s*https?:/i.test(text)) return mediaUrlProblem(text, allowPrivateUrls) ?? { url: text };
  const encoded = text.replace(/^data:[^,]{0,100};base64,/i, '');
  const base64 = /[\r\n\t]/.test(encoded) ? encoded.replace(/[\r\n\t]+/g, '') : encoded;
  const broken = base64Problem(base64);
  if (broken !== undefined) return broken;
  if (base64.length * 0.75 > maxBytes + 2) return tooLarge;
  const bytes = Buffer.from(base64, 'base64');
  return pictureProblem(bytes) ?? { bytes };
};

/** Line breaks and missing padding are taken; anything else may have cost the picture a part of itself. */
const base64Problem = (text: string): string | undefined => {
  const [, digits, padding = ''] = /^([A-Za-z0-9+/]+)(={0,2})$/.exec(text) ?? [];
  if (/^[\w-]+={0,2}$/.test(text) && /[-_]/.test(text))
    return 'is URL-safe base64, or no picture at all: write "+" and "/" in place of "-" and "_".';
  if (digits === undefined)
    return / /.test(text) && /^[A-Za-z0-9+/ ]+={0,2}$/.test(text)
      ? 'holds spaces where base64 has none: a form decoder may have made them of "+". Encode the picture anew, or percent-encode it for the form.'
      : 'must be an http or https URL, or a PNG or JPEG picture as base64.';
  const isComplete =
    digits.length % 4 !== 1 && (padding === '' || (digits.length + padding.length) % 4 === 0);
  return isComplete ? undefined : 'is base64 that was cut off or padded wrongly; encode the picture anew.';
};

const tooLarge = `is larger than the ${maxBytes / megabyte} MB that Kling takes; make it smaller.`;

const pictureProblem = (bytes: Uint8Array): string | undefined => {
  if (bytes.length > maxBytes) return tooLarge;
  if (!isPng(bytes) && !isJpeg(bytes))
    return 'holds neither a PNG nor a JPEG picture, and Kling takes no other.';
  const size = pictureSize(bytes);
  return size === undefined ? undefined : sizeProblem(size.width, size.height);
};

const sizeProblem = (width: number, height: number): string | undefined => {
  if (Math.min(width, height) < minSide)
    return `is ${width}×${height} pixels, but Kling needs at least ${minSide} on each side.`;
  if (Math.max(width, height) > maxRatio * Math.min(width, height))
    return `is ${width}×${height} pixels, but Kling takes no shape beyond 1:${maxRatio} or ${maxRatio}:1.`;
  return undefined;
};

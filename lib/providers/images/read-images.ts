import { buffer } from 'node:stream/consumers';
import type { Json, JsonObject } from '../../json.ts';
import { minuteMs } from '../../time.ts';
import { textAt } from '../http/fields.ts';
import { usableLink } from '../http/result-link.ts';
import type { ImageFailure, MadeImage, OpenLink } from '../image-provider.ts';
import { unknownAnswer } from './ask.ts';

type ReadOptions = {
  baseUrl: string;
  openLink: OpenLink;
  /** What an answer without any image means. */
  withoutImage: (answer: JsonObject) => ImageFailure;
};

const linkDeadlineMs = minuteMs;

/** The images of an answer in OpenAI's dialect: `{"data": [{"b64_json" | "url", "revised_prompt"}]}`. */
export const readDataImages = async (
  answer: JsonObject,
  { baseUrl, openLink, withoutImage }: ReadOptions,
): Promise<readonly [MadeImage, ...MadeImage[]] | ImageFailure> => {
  const items = Array.isArray(answer['data']) ? answer['data'] : [];
  const read = await Promise.all(items.map((item) => readItem(item, baseUrl, openLink)));
  const [first, ...more] = read.filter((image) => typeof image === 'object');
  if (first !== undefined) return [first, ...more];
  const problem = read.find((image) => typeof image === 'string');
  return problem === undefined ? withoutImage(answer) : unknownAnswer(problem);
};

/** An image, what is wrong with it, or nothing where there is none. */
const readItem = async (
  item: Json,
  baseUrl: string,
  openLink: OpenLink,
): Promise<MadeImage | string | undefined> => {
  const inline = textAt(item, 'b64_json');
  const link = textAt(item, 'url');
  const text = inline === '' && dataUrl.test(link) ? link : inline;
  if (text === '' && link === '') return undefined;
  const image = text === '' ? await fetchLink(link, baseUrl, openLink) : { base64: toPlainBase64(text) };
  const revisedPrompt = textAt(item, 'revised_prompt');
  return typeof image === 'string' || revisedPrompt === '' ? image : { ...image, revisedPrompt };
};

const dataUrl = /^data:image\/[\w.+-]+;base64,/;

const plainBase64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Some upstreams write base64 as a `data:` URL, in lines, or in the alphabet of URLs. */
export const toPlainBase64 = (text: string): string =>
  plainBase64.test(text)
    ? text
    : Buffer.from(text.slice(dataUrl.exec(text)?.[0].length ?? 0), 'base64').toString('base64');

const fetchLink = async (link: string, baseUrl: string, openLink: OpenLink): Promise<MadeImage | string> => {
  if (usableLink(link, baseUrl) === undefined) return 'a link that must not be followed';
  try {
    const bytes = await buffer(await openLink(link, AbortSignal.timeout(linkDeadlineMs)));
    return { base64: bytes.toString('base64') };
  } catch {
    return 'a link whose image could not be fetched';
  }
};

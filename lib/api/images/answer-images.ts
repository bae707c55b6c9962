import type { AssetStore } from '../../assets/asset-store.ts';
import { fileLinkPath } from '../../assets/file-link.ts';
import type { MadeImages } from '../../providers/image-provider.ts';
import { type Clock, dayMs } from '../../time.ts';
import type { ApiContext } from '../context.ts';
import { setHeaders, setWarnings } from './image-headers.ts';
import type { ImageAnswer } from './kept-answers.ts';
import { writeImages } from './write-images.ts';

export type AnswerImagesDependencies = {
  assets: Pick<AssetStore, 'readFile'>;
  linkSigningKey: string;
  now: Clock;
  settings: {
    /** Where the links to images lead; absent: to the address that was called. */
    publicUrl: string | undefined;
  };
};

/** How long a link to an image works; the bucket keeps the image at least as long. */
const imageLinkMs = dayMs;

type Described = Omit<ImageAnswer, 'images' | 'format'>;

/** The HTTP answers with images: as links, or as bytes that are at hand or in the bucket. */
export const createAnswerImages = ({ assets, linkSigningKey, now, settings }: AnswerImagesDependencies) => {
  const linkTo = (c: ApiContext, fileId: string): string =>
    (settings.publicUrl ?? new URL(c.req.url).origin) +
    fileLinkPath(fileId, now() + imageLinkMs, linkSigningKey);

  const withLinks = (c: ApiContext, answer: ImageAnswer): Response => {
    const { created, described, warnings, headers } = answer;
    setHeaders(c, headers);
    setWarnings(c, warnings);
    const data = answer.images.map(({ fileId, revisedPrompt }) => ({
      url: linkTo(c, fileId),
      ...(revisedPrompt !== undefined && { revised_prompt: revisedPrompt }),
    }));
    const { livemode } = c.get('workspace');
    return c.json({ created, data, ...described, livemode, warnings });
  };

  const withBytes = (c: ApiContext, images: MadeImages['images'], described: Described): Response => {
    setHeaders(c, described.headers);
    setWarnings(c, described.warnings);
    const { livemode } = c.get('workspace');
    return c.body(ReadableStream.from(writeImages(images, { ...described, livemode })), 200, {
      'content-type': 'application/json',
    });
  };

  /** With the images in the bucket, by links that work from now on. */
  const withStored = async (c: ApiContext, answer: ImageAnswer): Promise<Response> => {
    if (answer.format === 'url') return withLinks(c, answer);
    const [first, ...more] = await Promise.all(
      answer.images.map(async ({ fileId, ...image }) => ({
        ...image,
        base64: (await assets.readFile(fileId)).toString('base64'),
      })),
    );
    if (first === undefined) throw new Error('an answer without images was kept');
    return withBytes(c, [first, ...more], answer);
  };

  return { withBytes, withStored };
};

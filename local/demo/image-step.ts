import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod/mini';
import { download } from './download.ts';
import type { DemoStep } from './step.ts';

const made = z.object({ data: z.array(z.object({ url: z.string() })) });

/** An image while one waits, and the link to it. */
export const makeImage: DemoStep = async (demo) => {
  const answer = await demo.call('POST', '/v1/images/generations', {
    model: 'openai/gpt-image-2.6-flare',
    prompt: 'A paper boat on a rainy street',
  });
  const [image] = made.parse(answer).data;
  if (image === undefined) throw new Error('The gateway answered no image.');
  const file = join(demo.folder, 'paper-boat.png');
  const bytes = await download(image.url, file);
  demo.print(`\nMade an image (${Math.ceil(bytes / 1000)} kB) and saved it: ${pathToFileURL(file)}`);
};

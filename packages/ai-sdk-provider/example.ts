import { writeFile } from 'node:fs/promises';
import { argv, env, stdout } from 'node:process';
import { generateImage, experimental_generateVideo as generateVideo } from 'ai';
import { createClearMaas } from './clearmaas.ts';

/** Makes a video and an image with the gateway of `npm start`, and saves them. */
const { CLEARMAAS_URL = 'http://127.0.0.1:8787', CLEARMAAS_API_KEY: apiKey = '' } = env;
const [folder = '.'] = argv.slice(2);
const clearmaas = createClearMaas({ baseURL: `${CLEARMAAS_URL}/v1`, apiKey });

const { video } = await generateVideo({
  model: clearmaas.video('kling/kling-v2-6'),
  prompt: 'A paper boat on a rainy street',
  duration: 5,
});
await writeFile(`${folder}/boat.mp4`, video.uint8Array);

const { image } = await generateImage({
  model: clearmaas.image('openai/gpt-image-2'),
  prompt: 'A lighthouse',
});
await writeFile(`${folder}/lighthouse.png`, image.uint8Array);

stdout.write(
  `boat.mp4: ${video.uint8Array.length} bytes, lighthouse.png: ${image.uint8Array.length} bytes\n`,
);

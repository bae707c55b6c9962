import { writeFile } from 'node:fs/promises';
import { experimental_generateVideo as generateVideo } from 'ai';
import { createClearMaas } from './clearmaas.ts';

// Makes a video with the gateway that `npm start` runs: npx node packages/ai-sdk-provider/example.ts <key>
const [apiKey = ''] = process.argv.slice(2);
const clearmaas = createClearMaas({ baseURL: 'http://127.0.0.1:8787/v1', apiKey });
const { video } = await generateVideo({
  model: clearmaas.video('kling/kling-v2-6'),
  prompt: 'A paper boat on a rainy street',
  duration: 5,
});
await writeFile('boat.mp4', video.uint8Array);
process.stdout.write(`boat.mp4: ${video.uint8Array.length} bytes\n`);

import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { argv, env } from 'node:process';
import OpenAI from 'openai';

const [file = 'boat.mp4', picture] = argv.slice(2);
const { CLEARMAAS_URL, CLEARMAAS_API_KEY: apiKey } = env;
const client = new OpenAI({ baseURL: `${CLEARMAAS_URL}/v1`, apiKey });

let video = await client.videos.create({
  model: 'kling/kling-v2-6',
  prompt: 'A paper boat on a rainy street',
  // The SDK's types know 4, 8 and 12 only; Kling makes 5 or 10.
  seconds: '5' as '4',
  ...(picture !== undefined && { input_reference: createReadStream(picture) }),
});
while (video.status === 'queued' || video.status === 'in_progress') {
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  video = await client.videos.retrieve(video.id);
}
if (video.status === 'failed') throw new Error(video.error?.message);

const content = await client.videos.downloadContent(video.id);
await writeFile(file, Buffer.from(await content.arrayBuffer()));
process.stdout.write(`${file}: ${video.seconds} s, ${video.size}, ${video.id}\n`);

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { aFolder } from '../support/a-folder.ts';
import { spawnLocal } from '../support/gateway-process.ts';

it('the demo ends well and costs nothing, whatever the environment says', async () => {
  const folder = await aFolder();
  const variables = {
    PORT: '1',
    DATA_DIR: '/nowhere',
    PROVIDERS: 'live',
    KLING_API_KEY: 'real',
    OPENAI_API_KEY: 'real',
    KLING_BASE_URL: 'http://127.0.0.1:9',
    CALLBACK_ALLOW_PRIVATE: 'false',
    RATE_LIMIT_PER_MINUTE: '0',
  };
  const demo = spawnLocal('demo', variables, folder);
  const [output, [exitCode]] = await Promise.all([text(demo.stdout as never), once(demo, 'exit')]);
  expect(exitCode).toBe(0);
  expect(output).toContain('"type": "video.completed"');
  const saved = [...output.matchAll(/: (file:\S+)$/gm)].map(([, link = '']) => fileURLToPath(link));
  expect(saved).toEqual(
    ['paper-boat.mp4', 'paper-boat.png'].map((name) => join(folder, 'demo-results', name)),
  );
  const [video, image] = await Promise.all(saved.map((file) => readFile(file)));
  expect(video?.subarray(4, 8).toString()).toBe('ftyp');
  expect(image?.subarray(1, 4).toString()).toBe('PNG');
});

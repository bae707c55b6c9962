import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { spawnLocal } from '../support/gateway-process.ts';

it('the demo ends well and costs nothing, whatever the environment says', async () => {
  const demo = spawnLocal('demo', {
    PORT: '1',
    DATA_DIR: '/nowhere',
    PROVIDERS: 'live',
    KLING_API_KEY: 'real',
    OPENAI_API_KEY: 'real',
    KLING_BASE_URL: 'http://127.0.0.1:9',
    CALLBACK_ALLOW_PRIVATE: 'false',
    RATE_LIMIT_PER_MINUTE: '0',
  });
  const [output, [exitCode]] = await Promise.all([text(demo.stdout as never), once(demo, 'exit')]);
  expect(exitCode).toBe(0);
  expect(output).toContain('"type": "video.completed"');
  const [, file = ''] = /Saved the video .*: (.+\.mp4)/.exec(output) ?? [];
  expect((await readFile(file)).subarray(4, 8).toString()).toBe('ftyp');
  const [, image = ''] = /Made an image .*: (.+\.png)/.exec(output) ?? [];
  expect((await readFile(image)).subarray(1, 4).toString()).toBe('PNG');
});

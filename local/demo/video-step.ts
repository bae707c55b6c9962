import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as z from 'zod/mini';
import { startCallbackReceiver } from './callback-receiver.ts';
import { download } from './download.ts';
import { createProgressBar } from './progress-bar.ts';
import type { Demo, DemoStep } from './step.ts';

const submitted = z.object({ task_id: z.string() });
const polled = z.object({
  data: z.object({
    status: z.string(),
    progress: z.string(),
    fail_reason: z.optional(z.string()),
  }),
});
const completed = z.object({ type: z.string(), data: z.object({ result_url: z.string() }) });

const lookEveryMs = 200;

/** A video from its submission to the file: submit with a callback, watch, be called, download. */
export const makeVideo: DemoStep = async (demo) => {
  const receiver = await startCallbackReceiver(demo.stack.callbackSecret);
  try {
    const { task_id } = submitted.parse(
      await demo.call('POST', '/v1/video/generations', {
        model: 'kling/kling-v2-6',
        prompt: 'A paper boat on a rainy street',
        metadata: { duration: 5 },
        callback_url: receiver.url,
      }),
    );
    demo.print(`Submitted a video: ${task_id}`);
    await watch(demo, task_id);

    const event = await receiver.event;
    demo.print(`\nThe callback came, and its signature is right:\n${JSON.stringify(event, undefined, 2)}`);
    const file = join(demo.folder, 'paper-boat.mp4');
    const bytes = await download(completed.parse(event).data.result_url, file);
    demo.print(`\nSaved the video (${Math.ceil(bytes / 1000)} kB): ${pathToFileURL(file)}`);
  } finally {
    await receiver.stop();
  }
};

const watch = async (demo: Demo, taskId: string): Promise<void> => {
  const bar = createProgressBar(process.stdout);
  for (;;) {
    const { data } = polled.parse(await demo.call('GET', `/v1/video/generations/${taskId}`));
    bar.show(Number.parseInt(data.progress, 10), data.status);
    if (data.status === 'SUCCESS') return bar.end();
    if (data.status === 'FAILURE') throw new Error(`The video failed: ${data.fail_reason}`);
    await sleep(lookEveryMs);
  }
};

import { expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod/mini';
import { sweepIntervalSeconds } from '../../lib/limits.ts';
import { secondMs } from '../../lib/time.ts';
import { pollOverdueAfterMs } from '../../lib/videos/polling.ts';
import { makeSecrets } from '../../local/data/secrets.ts';
import { superviseData } from '../../local/data/supervisor.ts';
import { createCall } from '../../local/demo/step.ts';
import { readSettings } from '../../local/settings.ts';
import { startStack } from '../../local/stack.ts';
import { aFolder } from '../support/a-folder.ts';
import { patience } from '../support/patience.ts';
import { silentLog } from '../support/silent-log.ts';

/** A poll whose message was not sent before the crash is missed by the sweep after three minutes. */
const recoveryMs = pollOverdueAfterMs + sweepIntervalSeconds * secondMs + patience.timeout;

const submitted = z.object({ task_id: z.string() });
const polled = z.object({ data: z.object({ status: z.string() }) });

it(
  'goes on with its tasks when the embedded cloud crashes under the running gateway',
  async () => {
    const cloud = await superviseData(await aFolder(), silentLog);
    onTestFinished(cloud.stop);
    const settings = readSettings({ PORT: '0', STAND_IN_SECONDS: '3', LOG_LEVEL: 'silent' });
    const stack = await startStack({ settings, secrets: makeSecrets(), cloud, log: silentLog });
    onTestFinished(stack.stop);
    const { kling } = stack.fakes;
    // Rendering for as long as the crash takes.
    kling?.behave({ seconds: 3_600 });
    const call = createCall(stack);
    const statusOf = async (taskId: string) =>
      polled.parse(await call('GET', `/v1/video/generations/${taskId}`)).data.status;

    const { task_id } = submitted.parse(
      await call('POST', '/v1/video/generations', { model: 'kling/kling-v2-6', prompt: 'a boat' }),
    );
    await expect.poll(() => statusOf(task_id)).toBe('SUBMITTED');
    process.kill(cloud.processId() ?? 0, 'SIGKILL');
    kling?.end(task_id);
    const isSeen = async () => expect(await statusOf(task_id)).toBe('SUCCESS');
    await vi.waitFor(isSeen, { ...patience, timeout: recoveryMs });
  },
  2 * recoveryMs,
);

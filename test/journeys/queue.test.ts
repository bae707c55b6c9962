import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Journey, startJourney } from '../support/journey.ts';
import { aWorkspace } from '../support/keys.ts';
import { patience } from '../support/patience.ts';
import { aClientOf, answerOf, orderVideo, type VideoAnswer } from '../support/video-clients.ts';

/** Long, so that the queue stands still while it is looked at. */
const untilEnded = 3_600;

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({});
});
afterAll(() => journey.stack.stop());

const reaches = (client: OpenAI, taskId: string, expected: Partial<VideoAnswer>) =>
  vi.waitFor(async () => expect(await answerOf(client, taskId)).toMatchObject(expected), patience);

it('lets the first video of a workspace in before what another has waiting, and says who is next', async () => {
  const { client, stack } = journey;
  stack.kling.behave({ slots: 1, seconds: untilEnded });
  const other = await aClientOf(journey, aWorkspace({ id: 'ws_other' }));
  const rendering = await orderVideo(client);
  await expect.poll(() => stack.kling.tally(rendering).made).toBe(1);
  stack.kling.behave({ seconds: 1 });
  const second = await orderVideo(client);
  await reaches(client, second, { status: 'NOT_START', queue_position: 1 });
  const third = await orderVideo(client);
  await reaches(client, third, { queue_position: 2 });
  const first = await orderVideo(other);
  await reaches(other, first, { queue_position: 2 });
  await reaches(client, third, { queue_position: 3 });

  stack.kling.end(rendering);
  await reaches(client, third, { status: 'SUCCESS' });
  const asked = stack.kling.requests.map(({ body }) => body);
  const lastAskedFor = (taskId: string) => asked.findLastIndex((body) => body.includes(taskId));
  expect([first, third, second].sort((one, two) => lastAskedFor(one) - lastAskedFor(two))).toEqual([
    second,
    first,
    third,
  ]);
  expect(await answerOf(other, first)).not.toHaveProperty('queue_position');
});

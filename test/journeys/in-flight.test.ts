import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Journey, startJourney } from '../support/journey.ts';
import { aWorkspace } from '../support/keys.ts';
import { patience } from '../support/patience.ts';
import { aClientOf, answerOf, orderVideo } from '../support/video-clients.ts';

/** Long, so that the queue stands still while it is looked at. */
const untilEnded = 3_600;

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({});
});
afterAll(() => journey.stack.stop());

it('makes five videos of a workspace that may have two in flight, two at a time', async () => {
  const client = await aClientOf(journey, aWorkspace({ id: 'ws_limited', maxInFlight: 2 }));
  const { kling } = journey.stack;
  // A third at the same time would be refused, and so asked for twice.
  kling.behave({ slots: 2, seconds: untilEnded });
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.push(await orderVideo(client));
  const answers = () => Promise.all(ids.map((id) => answerOf(client, id)));

  await vi.waitFor(async () => {
    const positions = (await answers()).map(({ queue_position }) => queue_position ?? 0);
    expect(positions.sort()).toEqual([0, 0, 1, 2, 3]);
  }, patience);
  kling.behave({ seconds: 1 });
  for (const id of ids) kling.end(id);
  await vi.waitFor(
    async () => expect((await answers()).map(({ status }) => status)).toEqual(ids.map(() => 'SUCCESS')),
    patience,
  );
  expect(ids.map((id) => kling.tally(id))).toEqual(ids.map(() => ({ asked: 1, made: 1 })));
});

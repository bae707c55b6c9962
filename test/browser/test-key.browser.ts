import { describe, expect, it } from 'vitest';
import { makeTestKey } from '../support/test-key.ts';
import { useJourney } from './journey.ts';

const journey = useJourney();

/** What a test asks of the browser's player. */
type Player = {
  muted: boolean;
  duration: number;
  videoWidth: number;
  videoHeight: number;
  play(): Promise<void>;
  addEventListener(type: 'timeupdate', listener: () => void): void;
};

describe('a test key', () => {
  it('is named wherever its user is, and a live key is not', async () => {
    const { key } = await makeTestKey(journey.stack.cloud);
    const page = await journey.open({ apiKey: key, path: '#/tasks' });
    const badge = page.getByText('test key', { exact: true });
    await badge.waitFor();
    for (const heading of ['Callbacks', 'Playground', 'Tasks']) {
      await page.getByRole('link', { name: heading }).click();
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      expect(await badge.count()).toBe(1);
    }
    const live = await journey.openAt('#/tasks');
    await live.getByRole('heading', { name: 'Tasks' }).waitFor();
    expect(await live.getByText('test key', { exact: true }).count()).toBe(0);
  });

  it('makes a video in the playground, which plays in its size and for its length', async () => {
    const { key } = await makeTestKey(journey.stack.cloud);
    const page = await journey.open({ apiKey: key, path: '#/playground' });
    await page.getByLabel('prompt (required)').fill('A paper boat [1s]');
    await page.getByLabel('aspect ratio').selectOption('9:16');
    await page.getByRole('button', { name: 'Send' }).click();
    const video = page.locator('video');
    await video.waitFor();
    const played = await video.evaluate(async (element: Player) => {
      element.muted = true;
      await element.play();
      await new Promise<void>((resolve) => element.addEventListener('timeupdate', () => resolve()));
      return [element.videoWidth, element.videoHeight, element.duration];
    });
    expect(played).toEqual([720, 1280, 5]);
  });
});

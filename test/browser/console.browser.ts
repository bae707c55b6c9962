import { describe, expect, it } from 'vitest';
import { aPng } from '../support/pictures.ts';
import { useJourney } from './journey.ts';

const journey = useJourney();

/** What a test asks of the browser's player. */
type Player = {
  muted: boolean;
  currentTime: number;
  play(): Promise<void>;
  addEventListener(type: 'timeupdate', listener: () => void): void;
};

describe('a key', () => {
  it('that is wrong is refused in the API’s own words, with the request id, and is not kept', async () => {
    const page = await journey.open();
    await page.getByLabel('API key').fill('sk-clearmaas-wrong');
    await page.getByRole('button', { name: 'Open' }).click();
    const note = page.getByRole('alert');
    await note.getByText('key').first().waitFor();
    await note.getByText('Request id').waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it('is entered by keyboard alone, stays in this tab and is forgotten when asked', async () => {
    const page = await journey.open();
    await page.getByLabel('API key').focus();
    await page.keyboard.type(journey.stack.apiKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Tasks' }).waitFor();
    const kept = () =>
      page.evaluate(
        '({ session: sessionStorage.length, local: localStorage.length, cookies: document.cookie })',
      );
    expect(await kept()).toEqual({ session: 1, local: 0, cookies: '' });
    await page.getByRole('button', { name: 'Forget key' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await kept()).toEqual({ session: 0, local: 0, cookies: '' });
  });

  it('that stops working leads back to the entry, which says why', async () => {
    const page = await journey.open({ apiKey: 'sk-clearmaas-gone', path: '#/tasks' });
    await page.getByLabel('API key').waitFor();
    await page.getByText('Request id').waitFor();
  });
});

describe('the playground', () => {
  it('makes a video, which plays', async () => {
    const page = await journey.openAt('#/playground');
    await page.getByLabel('prompt (required)').fill('A paper boat');
    await page.getByLabel('aspect ratio').selectOption('9:16');
    await page.getByText('"aspect_ratio": "9:16"').waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    const video = page.locator('video');
    await video.waitFor();
    const playedSeconds = video.evaluate(async (element: Player) => {
      element.muted = true;
      await element.play();
      await new Promise<void>((resolve) =>
        element.addEventListener('timeupdate', () => {
          if (element.currentTime > 0) resolve();
        }),
      );
      return element.currentTime;
    });
    expect(await playedSeconds).toBeGreaterThan(0);
  });

  it('shows the request in three languages, without the key', async () => {
    const page = await journey.openAt('#/playground');
    await page.getByLabel('prompt (required)').fill("It's a boat");
    const code = page.locator('pre');
    for (const [language, hallmark] of [
      ['curl', 'curl -s'],
      ['Node', 'await fetch('],
      ['Python', 'urllib.request'],
    ] as const) {
      await page.getByLabel('Language').selectOption(language);
      await code.getByText(hallmark).first().waitFor();
      expect(await code.textContent()).not.toContain(journey.stack.apiKey);
    }
  });

  it('offers the fields and values of the chosen model alone', async () => {
    const page = await journey.openAt('#/playground');
    const model = page.getByLabel('model', { exact: true });
    await model.selectOption('kling/kling-v2-5-turbo');
    const duration = page.getByLabel('duration');
    expect(await duration.locator('option').allTextContents()).toEqual(['not set', '5', '10']);
    expect(await page.getByLabel('sound').count()).toBe(0);
    await model.selectOption('kling/kling-v3');
    expect(await duration.locator('option').count()).toBe(14);
    await page.getByLabel('sound').selectOption('on');
  });

  it('sends a picture of this machine', async () => {
    const page = await journey.openAt('#/playground');
    await page.getByLabel('prompt (required)').fill('A paper boat');
    await page
      .getByLabel('A file for image', { exact: true })
      .setInputFiles({ name: 'boat.png', mimeType: 'image/png', buffer: Buffer.from(aPng()) });
    await page.getByText('boat.png').waitFor();
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('video').waitFor();
  });

  it('makes an image and shows it', async () => {
    const page = await journey.openAt('#/playground');
    await page.getByLabel('model', { exact: true }).selectOption('openai/gpt-image-2');
    await page.getByLabel('prompt (required)').fill('A paper boat');
    await page.getByRole('button', { name: 'Send' }).click();
    const image = page.locator('figure img');
    await image.waitFor();
    await expect
      .poll(() => image.evaluate((element: { naturalWidth: number }) => element.naturalWidth))
      .toBeGreaterThan(0);
  });

  it('follows images that are made as a task', async () => {
    const page = await journey.openAt('#/playground');
    await page.getByLabel('model', { exact: true }).selectOption('openai/gpt-image-2');
    await page.getByLabel('prompt (required)').fill('A paper boat');
    await page.getByLabel('callback url').fill(`${journey.receiver.url}/images`);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('figure img').waitFor();
    await page.getByRole('region', { name: 'Answer' }).getByRole('link', { name: /task_/ }).click();
    await page.getByRole('table', { name: 'Attempts' }).getByText('image.completed').waitFor();
  });

  it('says once what was not done as asked of images that are made as a task, as does the task’s page', async () => {
    const page = await journey.openAt('#/playground');
    await page.getByLabel('model', { exact: true }).selectOption('openai/gpt-image-1');
    await page.getByLabel('prompt (required)').fill('A paper boat');
    await page.getByLabel('callback url').fill(`${journey.receiver.url}/images`);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('figure img').waitFor();
    const told = page.locator('.note.warn').filter({ hasText: 'openai/gpt-image-1 is retired' });
    expect(await told.count()).toBe(1);
    await page.getByRole('region', { name: 'Answer' }).getByRole('link', { name: /task_/ }).click();
    await page.getByRole('region', { name: 'Result' }).locator('figure img').waitFor();
    expect(await told.count()).toBe(1);
  });

  it('shows a refusal in the API’s own words', async () => {
    const page = await journey.openAt('#/playground');
    await page.getByLabel('prompt (required)').fill('A paper boat');
    await page.locator('#field-callback_url').fill('ftp://example.com/hook');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText('callback_url').first().waitFor();
    await page.getByRole('alert').getByText('Request id').waitFor();
  });
});

describe('a task', () => {
  it('that failed says why, in the list and on its own page', async () => {
    const taskId = await journey.submit('A paper boat [fail]');
    const page = await journey.openAt('#/tasks');
    const row = page.getByRole('row').filter({ has: page.locator(`a[href="#/tasks/${taskId}"]`) });
    await row.getByText('content check did not pass').waitFor();
    await row.getByRole('link').click();
    await page.getByText('Why there is no result').waitFor();
    await page.getByText('content check did not pass').waitFor();
  });

  it('shows what its callback met, and sends it again when asked', async () => {
    journey.receiver.answer({ status: 503 });
    const taskId = await journey.submit('A paper boat', { callback_url: `${journey.receiver.url}/hook` });
    const page = await journey.openAt(`#/tasks/${taskId}`);
    const attempts = page.getByRole('table', { name: 'Attempts' }).locator('tbody tr');
    await attempts.filter({ hasText: '503' }).waitFor();
    await attempts.filter({ hasText: '200' }).waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await attempts.filter({ hasText: 'by hand' }).waitFor();
    const sent = journey.receiver.calls.filter(({ path }) => path === '/hook');
    const ids = sent.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it('is found by its id, and one that is not there is said so', async () => {
    const page = await journey.openAt('#/tasks');
    await page.getByLabel('Task id').fill('task_of_nobody');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('Your workspace has no task of this id').waitFor();
    await page.getByText('Request id').waitFor();
  });

  it('is not polled while the page is hidden, and is again when it is shown', async () => {
    const taskId = await journey.submit('A paper boat [slow]');
    const page = await journey.open();
    await page.clock.install();
    await page.evaluate((key) => sessionStorage.setItem('clearmaas-key', key), journey.stack.apiKey);
    await page.goto(`${journey.stack.url}/console?1#/tasks/${taskId}`);
    await page.getByRole('progressbar').waitFor();
    await page.waitForLoadState('networkidle');
    const setHidden = (isHidden: boolean) =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { configurable: true, value: ${isHidden} });
        document.dispatchEvent(new Event('visibilitychange'));
      `);
    await setHidden(true);
    let requests = 0;
    page.on('request', () => {
      requests += 1;
    });
    await page.clock.runFor(60_000);
    expect(requests).toBe(0);
    await setHidden(false);
    await page.locator('video').waitFor();
  });
});

describe('the list', () => {
  it('is filtered by status and time, and goes page by page', async () => {
    for (let count = 0; count < 22; count += 1) await journey.submit(`A paper boat ${count}`);
    const page = await journey.openAt('#/tasks');
    const rows = page.getByRole('table', { name: 'Tasks' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(20);
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('Page 2').waitFor();
    await page.getByRole('button', { name: 'Newer' }).click();
    await page.getByText('Page 1').waitFor();
    await page.getByLabel('Time').selectOption('1h');
    await expect.poll(() => page.url()).toContain('period=1h');
    await expect.poll(() => rows.count()).toBe(20);
    await page.getByLabel('Status').selectOption('FAILURE');
    await expect
      .poll(() => page.getByRole('table', { name: 'Tasks' }).locator('.badge').allTextContents())
      .toContain('failed');
    await expect
      .poll(() => page.getByRole('table', { name: 'Tasks' }).locator('.badge').allTextContents())
      .not.toContain('ready');
  });
});

describe('the callbacks screen', () => {
  it('tests a receiver and says how it went', async () => {
    const page = await journey.openAt('#/callbacks');
    await page.getByLabel('Callback URL').fill(`${journey.receiver.url}/test`);
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await page.getByText('Delivered: the receiver answered 200').waitFor();
    journey.receiver.answer({ status: 404 });
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await page.getByText('Not delivered: the receiver answered 404').waitFor();
  });

  it('shows the signing secret on a click only, and a new one after a rotation', async () => {
    const page = await journey.openAt('#/callbacks');
    await page.getByRole('button', { name: 'Show the secret' }).waitFor();
    expect(await page.content()).not.toContain('whsec_');
    await page.getByRole('button', { name: 'Show the secret' }).click();
    await page.getByText(journey.stack.callbackSecret).waitFor();
    await page.getByRole('button', { name: 'Rotate the secret…' }).click();
    await page.getByRole('button', { name: 'Yes, make a new secret' }).click();
    await page.getByText('also signs until').waitFor();
    expect(await page.locator('.secret code').textContent()).not.toBe(journey.stack.callbackSecret);
    await page.getByRole('button', { name: 'Hide' }).click();
    expect(await page.content()).not.toContain('whsec_');
    expect(await page.evaluate(() => Object.values({ ...sessionStorage }).join())).not.toContain('whsec_');
  });

  it('starts a recovery of lost callbacks', async () => {
    const page = await journey.openAt('#/callbacks');
    await page.getByRole('button', { name: 'Send them again' }).click();
    await page.getByText('Started: what was not delivered').waitFor();
  });
});

describe('the usage of many days', () => {
  it.each([390, 1280])('can be read at %s px, and today is in sight', async (width) => {
    await journey.submit('A paper boat');
    const headers = { authorization: `Bearer ${journey.stack.apiKey}` };
    const usedDays = async () => {
      const response = await fetch(`${journey.stack.url}/v1/usage`, { headers });
      return ((await response.json()) as { data: object[] }).data.length;
    };
    await expect.poll(usedDays).toBeGreaterThan(0);
    const page = await journey.openAt('#/usage', { viewport: { width, height: 800 } });
    await page.getByLabel('From').fill(new Date(Date.now() - 300 * 86_400_000).toISOString().slice(0, 10));
    const bars = page.getByRole('img', { name: /by day/ }).locator('g');
    await expect.poll(() => bars.count()).toBeGreaterThan(300);
    const lastBar = bars.last().locator('rect');
    await expect.poll(async () => (await lastBar.boundingBox())?.x).toBeLessThan(width);
    expect((await lastBar.boundingBox())?.width).toBeGreaterThan(20);
  });
});

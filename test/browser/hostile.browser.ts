import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useJourney } from './journey.ts';

const journey = useJourney();

const attack = '<img src=x onerror="globalThis.broken=1"><script>globalThis.broken=1</script>';

/** Statuses and ids lead to what is shown; everything else is text that somebody wrote. */
const keptNames = new Set(['id', 'task_id', 'status', 'state', 'last_id', 'outcome', 'trigger']);

const hostile = (value: unknown, name = ''): unknown => {
  if (typeof value === 'string') return keptNames.has(name) ? value : attack;
  if (Array.isArray(value)) return value.map((each) => hostile(each, name));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hostile(each, key)]));
  return value;
};

/** The gateway's real answers, with an attack in place of every text. */
const answerWithAttacks = async (page: Page) => {
  await page.route(/\/v1\/(?!openapi)/, async (route) => {
    const response = await route.fetch();
    if (!response.headers()['content-type']?.includes('json')) return route.fulfill({ response });
    await route.fulfill({ response, json: hostile(await response.json()) });
  });
};

describe('what a caller or a receiver wrote', () => {
  it('is shown as text on every screen', async () => {
    journey.receiver.answer({ status: 500, body: attack });
    const callback = { callback_url: `${journey.receiver.url}/hook` };
    const failed = await journey.submit(`${attack} [fail]`, callback);
    const ready = await journey.submit(attack, { ...callback, metadata: { external_task_id: attack } });
    await journey.receiver.waitFor(3);
    for (const path of [`tasks/${ready}`, `tasks/${failed}`, 'tasks', 'callbacks', 'playground']) {
      const page = await journey.open();
      await answerWithAttacks(page);
      await page.evaluate((key) => sessionStorage.setItem('clearmaas-key', key), journey.stack.apiKey);
      await page.goto(`${journey.stack.url}/console?${path}#/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (path.startsWith('tasks')) await page.getByText('<script>').first().waitFor();
      expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false);
      expect(await page.locator('img[src="x"]').count()).toBe(0);
    }
  });

  it('is shown as it is where it is real', async () => {
    const reference = attack.slice(0, 255);
    const taskId = await journey.submit('A boat', { metadata: { external_task_id: reference } });
    const page = await journey.openAt(`#/tasks/${taskId}`);
    await page.getByText(reference).waitFor();
    expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false);
  });

  it.each(['javascript:globalThis.broken=1', 'data:text/html,<p>x', 'http://169.254.169.254/'])(
    'is no link and no player: %s',
    async (link) => {
      const taskId = await journey.submit('A boat');
      const page = await journey.open();
      await page.route(/generations\/task_\w+$/, async (route) => {
        const response = await route.fetch();
        const body = await response.json();
        await route.fulfill({
          response,
          json: {
            ...body,
            data: { ...body.data, status: 'SUCCESS', result_url: link, images: [{ url: link }] },
          },
        });
      });
      await page.evaluate((key) => sessionStorage.setItem('clearmaas-key', key), journey.stack.apiKey);
      await page.goto(`${journey.stack.url}/console?1#/tasks/${taskId}`);
      await page.getByText('does not load').waitFor();
      const links = await page
        .locator('a')
        .evaluateAll((all) => all.map((each) => each.getAttribute('href') ?? ''));
      expect(links.filter((each) => !/^(#|blob:)/.test(each))).toEqual([]);
    },
  );
});

describe('the page', () => {
  it('runs no script of another place, and stands in no frame', async () => {
    const page = await journey.open();
    const answer = await page.request.get(`${journey.stack.url}/console`);
    const policy = answer.headers()['content-security-policy'] ?? '';
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(answer.headers()['x-content-type-options']).toBe('nosniff');
    expect(answer.headers()['set-cookie']).toBeUndefined();
  });

  it('asks nobody but the gateway', async () => {
    const page = await journey.open();
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    await page.evaluate((key) => sessionStorage.setItem('clearmaas-key', key), journey.stack.apiKey);
    await page.goto(`${journey.stack.url}/console?1#/playground`);
    await page.getByLabel('prompt (required)').waitFor();
    expect([...hosts]).toEqual([journey.stack.url]);
  });
});

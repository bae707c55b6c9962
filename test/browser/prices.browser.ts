import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { useJourney } from './journey.ts';

const journey = useJourney();

/** A gateway that knows prices: what it adds to the OpenAPI document, and how it answers. */
const withPrices = async (path: string): Promise<Page> => {
  const page = await journey.open();
  await page.route('**/v1/openapi.json', async (route) => {
    const response = await route.fetch();
    const document = await response.json();
    const estimate = { in: 'query', name: 'estimate', schema: { type: 'boolean' } };
    document.paths['/usage'] = { get: {} };
    document.paths['/video/generations'].post.parameters.push(estimate);
    await route.fulfill({ response, json: document });
  });
  await page.route('**/v1/usage?*', (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
    const row = { tasks: 3, seconds: 15, images: 0, cost_usd: '0.42' };
    const keys = query.get('group_by') === 'day' ? [from, to] : ['kling/kling-v2-6'];
    const data = keys.map((key) => ({ key, ...row }));
    return route.fulfill({ json: { object: 'usage', from, to, data, total_usd: '0.84' } });
  });
  await page.route('**/v1/video/generations?estimate=true', (route) =>
    route.fulfill({ json: { object: 'estimate', cost_usd: '0.14', parts: [] } }),
  );
  await page.evaluate((key) => sessionStorage.setItem('clearmaas-key', key), journey.stack.apiKey);
  await page.goto(`${journey.stack.url}/console?1#/${path}`);
  return page;
};

it('what was used is drawn by day and told by model', async () => {
  const page = await withPrices('usage');
  await page.getByRole('img', { name: 'Cost by day' }).waitFor();
  await page.getByText('$0.84').waitFor();
  await page.getByRole('cell', { name: 'kling/kling-v2-6' }).waitFor();
  expect(await page.locator('.chart rect').count()).toBe(30);
});

it('the price of a request is told before it is sent', async () => {
  const page = await withPrices('playground');
  await page.getByLabel('prompt (required)').fill('A paper boat');
  await page.getByText('costs $0.14').waitFor();
});

import { expect, it } from 'vitest';
import { useJourney } from './journey.ts';

const journey = useJourney();

it('what was used is drawn by day and told by model', async () => {
  const page = await journey.openAt('#/playground');
  await page.getByLabel('model', { exact: true }).selectOption('openai/gpt-image-2');
  await page.getByLabel('prompt (required)').fill('A paper boat');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('figure img').waitFor();
  await page.getByRole('link', { name: 'Usage' }).click();
  await page.getByRole('img', { name: 'Cost by day' }).waitFor();
  const row = page.getByRole('row', { name: 'openai/gpt-image-2' });
  expect(await row.getByRole('cell').first().textContent()).toBe('openai/gpt-image-2');
  expect(await row.textContent()).toMatch(/\$0\.\d+/);
  expect(await page.locator('.chart rect').count()).toBe(30);
});

it('the price of a request is told before it is sent', async () => {
  const page = await journey.openAt('#/playground');
  await page.getByLabel('model', { exact: true }).selectOption('kling/kling-v2-6');
  await page.getByLabel('prompt (required)').fill('A paper boat');
  await page.getByText('costs $0.21').waitFor();
});

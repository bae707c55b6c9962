import { describe, expect, it } from 'vitest';
import { accessibilityProblems } from './axe.ts';
import { useJourney } from './journey.ts';

const journey = useJourney();

const screens = async () => {
  const callback = { callback_url: `${journey.receiver.url}/hook` };
  const failed = await journey.submit('A boat [fail]', callback);
  const ready = await journey.submit('A boat', callback);
  const waiting = await journey.submit('A boat [600s]');
  await journey.receiver.waitFor(2);
  return [
    'tasks',
    `tasks/${ready}`,
    `tasks/${failed}`,
    `tasks/${waiting}`,
    'tasks/task_0',
    'playground',
    'callbacks',
    'usage',
  ];
};

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it.each([390, 1280])(
    'axe finds nothing serious at %s px, and nothing goes past the edge',
    async (width) => {
      const options = { colorScheme, viewport: { width, height: 800 } };
      for (const path of await screens()) {
        const page = await journey.openAt(`#/${path}`, options);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        if (path === 'playground') await page.getByText('Further fields').click();
        expect({ path, problems: await accessibilityProblems(page) }).toEqual({ path, problems: [] });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }
      const entry = await journey.open(options);
      expect(await accessibilityProblems(entry)).toEqual([]);
    },
  );
});

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startReceiver } from '../support/receiver.ts';
import { startTestStack } from '../support/stack.ts';
import { openConsole, startBrowser } from './open-console.ts';

const usage = `Makes the two pictures of the README.

Usage: npm run screenshots -- [--all] [--folder <folder>]

  --all              every screen, narrow and wide, light and dark
  --folder <folder>  where to; docs/images without it
  --help             this text
`;

const { folder, all, help } = parseArgs({
  options: {
    folder: { type: 'string', default: fileURLToPath(new URL('../../docs/images', import.meta.url)) },
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
}).values;
if (help) {
  process.stdout.write(usage);
  process.exit(0);
}

const stack = await startTestStack();
const receiver = await startReceiver();
const browser = await startBrowser();

const submit = async (prompt: string, body: object = {}): Promise<string> => {
  const response = await fetch(`${stack.url}/v1/video/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'kling/kling-v2-6', prompt, ...body }),
  });
  const answer = (await response.json()) as { task_id: string };
  return answer.task_id;
};

const callback = { callback_url: `${receiver.url}/hook` };
const failed = await submit('A paper boat [fail]', callback);
const ready = await submit('A paper boat on a rainy street', callback);
await receiver.next();
await receiver.next();
for (const model of ['kling/kling-v3', 'kling/kling-v2-5-turbo']) await submit('A lantern [600s]', { model });

const shots = [
  { name: 'tasks', path: '#/tasks', ready: 'table' },
  { name: 'task', path: `#/tasks/${ready}`, ready: '[aria-label=Attempts]' },
  ...(all
    ? [
        { name: 'sign-in', path: '', ready: 'form' },
        { name: 'task-failed', path: `#/tasks/${failed}`, ready: '[aria-label=Attempts]' },
        { name: 'no-task', path: '#/tasks/task_0', ready: '.note' },
        { name: 'callbacks', path: '#/callbacks', ready: 'form' },
        { name: 'usage', path: '#/usage', ready: 'h1' },
        { name: 'playground', path: '#/playground', ready: 'form' },
      ]
    : []),
];
const widths = all ? [390, 1280] : [1280];
const colorSchemes = all ? (['light', 'dark'] as const) : (['light'] as const);

await mkdir(folder, { recursive: true });
for (const { name, path, ready } of shots)
  for (const width of widths)
    for (const colorScheme of colorSchemes) {
      const { page, close } = await openConsole(browser, stack.url, {
        ...(name !== 'sign-in' && { apiKey: stack.apiKey }),
        path,
        colorScheme,
        viewport: { width, height: 800 },
      });
      await page.locator(ready).first().waitFor();
      await page.waitForLoadState('networkidle');
      const suffix = all ? `-${width}-${colorScheme}` : '';
      await page.screenshot({ path: join(folder, `console-${name}${suffix}.png`), fullPage: all });
      await close();
    }

await browser.close();
await receiver.stop();
await stack.stop();

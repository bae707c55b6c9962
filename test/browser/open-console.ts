import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium, howToGetChromium } from './chromium.ts';

export type ConsolePage = {
  page: Page;
  /** What the browser complained of: broken rules of the content security policy, exceptions, console errors. */
  complaints: string[];
  close(): Promise<void>;
};

export const startBrowser = (): Promise<Browser> => {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(howToGetChromium);
  // Root, as in a container, has no sandbox; only pages of this machine are opened.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
};

/** The browser tells each failed request as a console error; an answer that a test provokes is none of the page's. */
const isRefusedRequest = (text: string): boolean => /the server responded with a status of 4\d\d/.test(text);

/** A fresh tab on the console, that holds a key where one is given. */
export const openConsole = async (
  browser: Browser,
  url: string,
  { apiKey, path = '', ...options }: BrowserContextOptions & { apiKey?: string; path?: string } = {},
): Promise<ConsolePage> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isRefusedRequest(message.text())) complaints.push(message.text());
  });
  if (apiKey !== undefined)
    await page.addInitScript((key) => sessionStorage.setItem('clearmaas-key', key), apiKey);
  await page.goto(`${url}/console${path}`);
  return { page, complaints, close: () => context.close() };
};

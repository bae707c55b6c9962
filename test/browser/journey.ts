import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { type ConsolePage, openConsole, startBrowser } from './open-console.ts';

type OpenOptions = NonNullable<Parameters<typeof openConsole>[2]>;

/** The product on this machine and a browser, for the tests of one file. The browser must have nothing to complain of. */
export const useJourney = () => {
  let stack: TestStack;
  let browser: Browser;
  let receiver: Receiver;
  const opened: ConsolePage[] = [];

  beforeAll(async () => {
    [stack, browser, receiver] = await Promise.all([startTestStack(), startBrowser(), startReceiver()]);
  });
  afterAll(async () => {
    await browser.close();
    await receiver.stop();
    await stack.stop();
  });
  afterEach(async () => {
    const complaints = opened.flatMap((each) => each.complaints);
    await Promise.all(opened.splice(0).map(({ close }) => close()));
    expect(complaints).toEqual([]);
  });

  return {
    get stack() {
      return stack;
    },
    get receiver() {
      return receiver;
    },
    /** Without `apiKey`: as somebody who has none yet. */
    async open(options: OpenOptions = {}) {
      const console = await openConsole(browser, stack.url, options);
      opened.push(console);
      return console.page;
    },
    async openAt(path: string, options: OpenOptions = {}) {
      return this.open({ ...options, apiKey: stack.apiKey, path });
    },
    async submit(prompt: string, body: object = {}): Promise<string> {
      const response = await fetch(`${stack.url}/v1/video/generations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'kling/kling-v2-6', prompt, ...body }),
      });
      expect(response.status).toBe(200);
      const { task_id: taskId } = (await response.json()) as { task_id: string };
      return taskId;
    },
  };
};

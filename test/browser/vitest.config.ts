import { defineConfig } from 'vitest/config';
import common from '../../vitest.config.ts';

/** What needs a browser, and so is no part of `npm test`. */
export default defineConfig({
  test: { ...common['test'], include: ['test/browser/*.browser.ts'], maxWorkers: 1, testTimeout: 60_000 },
});

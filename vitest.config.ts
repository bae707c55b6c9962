import { defineConfig } from 'vitest/config';
import { patience } from './test/support/patience.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each file may start its own embedded stack, and the machine of reference has two cores.
    maxWorkers: 2,
    // Guards against what hangs: how long a test takes, or a condition is awaited, says how busy the machine is.
    expect: { poll: { timeout: patience.timeout, interval: 20 } },
    testTimeout: 120_000,
    // A green run says one line a file.
    slowTestThreshold: 120_000,
    hookTimeout: 120_000,
  },
});

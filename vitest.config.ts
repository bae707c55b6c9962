import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each file may start its own embedded stack, and the machine of reference has two cores.
    maxWorkers: 2,
    // A condition is awaited for as long as a test may take: how soon it holds says how busy the machine is.
    expect: { poll: { timeout: 25_000, interval: 20 } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

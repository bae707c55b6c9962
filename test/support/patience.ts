/** How long a test waits for what must happen: a guard against what hangs, no measure of how soon it comes. */
export const patience = { timeout: 100_000, interval: 50 };

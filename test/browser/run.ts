import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findChromium, howToGetChromium } from './chromium.ts';

/** Says that the tests cannot be had on this machine, and not that one failed. */
const notHere = 3;

if (findChromium() === undefined) {
  process.stderr.write(`${howToGetChromium}\n`);
  process.exit(notHere);
}
const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));
const { status } = spawnSync('npx', ['vitest', 'run', '--config', config, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);

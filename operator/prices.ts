import { currentEnvironment } from '../lib/config.ts';
import { showPrices } from './prices-program.ts';
import { UsageError } from './usage-error.ts';

try {
  process.stdout.write(showPrices(process.argv.slice(2), currentEnvironment(), Date.now()));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

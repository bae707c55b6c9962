import { currentEnvironment } from '../lib/config.ts';
import { showPrices, usage } from './prices-program.ts';
import { UsageError } from './usage-error.ts';

try {
  process.stdout.write(showPrices(process.argv.slice(2), currentEnvironment(), Date.now()));
} catch (error) {
  const wrongUsage = error instanceof UsageError;
  process.stderr.write(`${(error as Error).message}\n${wrongUsage ? `\n${usage}` : ''}`);
  process.exitCode = wrongUsage ? 2 : 1;
}

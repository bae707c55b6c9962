import { currentEnvironment } from '../lib/config.ts';
import { complain } from './complain.ts';
import { showPrices, usage } from './prices-program.ts';

try {
  process.stdout.write(showPrices(process.argv.slice(2), currentEnvironment(), Date.now()));
} catch (error) {
  process.exitCode = complain(error, usage);
}

import fc from 'fast-check';
import { parseArguments } from '../../operator/parse-arguments.ts';
import { UsageError } from '../../operator/usage-error.ts';
import { simulationPlan } from './plan.ts';
import { simulate } from './world.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

const usage = `Tries the product against generated schedules of crashes, lost answers and late messages.

Usage: npm run simulate -- [options]

  --runs <n>     how many schedules; 20000 without it
  --seed <n>     with --path: repeats a failure, as it was printed
  --path <path>
  --as-found     tell a failure as it was found, not shrunk
  --help         this text
`;

/** Throws a {@link UsageError} for a line that cannot be understood. */
const readArguments = () => {
  const { values } = parseArguments({
    args: process.argv.slice(2),
    options: {
      runs: { type: 'string', default: '20000' },
      seed: { type: 'string' },
      path: { type: 'string' },
      'as-found': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (!/^[1-9]\d{0,8}$/.test(values.runs)) throw new UsageError('--runs must be a whole number above 0.');
  if (values.seed !== undefined && !/^-?\d{1,10}$/.test(values.seed))
    throw new UsageError('--seed must be a whole number.');
  if (values.path !== undefined && !/^\d+(:\d+)*$/.test(values.path))
    throw new UsageError('--path must be numbers with colons between them.');
  return values;
};

const argumentsOrEnd = () => {
  try {
    const values = readArguments();
    if (!values.help) return values;
    process.stdout.write(usage);
    return process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return process.exit(2);
  }
};

const values = argumentsOrEnd();
const startedAtMs = Date.now();
let calls = 0;
let runs = 0;

const details = await fc.check(
  fc.asyncProperty(simulationPlan, async (plan) => {
    const report = await simulate(plan);
    calls += report.calls;
    runs += 1;
    if (runs % 5_000 === 0) print(`${runs} schedules`);
  }),
  {
    numRuns: Number(values.runs),
    endOnFailure: values['as-found'],
    ...(values.seed !== undefined && { seed: Number(values.seed) }),
    ...(values.path !== undefined && { path: values.path }),
  },
);

const seconds = ((Date.now() - startedAtMs) / 1_000).toFixed(1);
print(`${runs} schedules, ${calls} calls that could go wrong, ${seconds} s, seed ${details.seed}`);
if (details.failed) {
  print(fc.defaultReportMessage(details) ?? 'failed');
  print(String(details.errorInstance));
  print(`Repeat it: npm run simulate -- --seed=${details.seed} --path=${details.counterexamplePath}`);
  process.exit(1);
}

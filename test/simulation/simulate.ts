import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { simulationPlan } from './plan.ts';
import { simulate } from './world.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

const { values } = parseArgs({
  options: {
    /** How many schedules. */
    runs: { type: 'string', default: '20000' },
    /** Of a failure that is to be repeated: as it was printed. */
    seed: { type: 'string' },
    path: { type: 'string' },
    /** A failure is told as it was found, not shrunk. */
    'as-found': { type: 'boolean', default: false },
  },
});
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

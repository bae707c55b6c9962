/**
 * Puts faults back into a copy of the code, one at a time, and shows which invariant catches each, and after how many
 * schedules: `node test/simulation/mutations.ts [part of a name]`.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Mutation = {
  name: string;
  file: string;
  from: string;
  to: string;
  /** The test file that catches it; absent: the schedules of `simulate.ts`. */
  test?: string;
};

const backlog = 'test/simulation/backlog.test.ts';
const inFlight = 'test/simulation/in-flight.test.ts';
const mutations: readonly Mutation[] = [
  {
    name: 'a look-up throws away what it learns',
    file: 'lib/videos/submission.ts',
    from: 'const { state, operation } = known;',
    to: 'const { operation } = known; const state = undefined;',
  },
  {
    name: 'a reported end whose query fails twice is given up',
    file: 'lib/videos/polling.ts',
    from: 'afterMs += afterMs < steadyLooksForMs ? reportedLookGapMs : afterMs;',
    to: 'return Number.POSITIVE_INFINITY;',
  },
  {
    name: 'a webhook that comes before the answer to its create is dropped',
    file: 'lib/videos/provider-webhook.ts',
    from: "if (task.state === 'queued' || task.endReported) return nothing;",
    to: "if (task.state !== 'ended') return nothing;",
  },
  {
    name: 'cancelling the first of a queue wakes nobody',
    file: 'lib/videos/free-slot.ts',
    from: "before.state === 'ended'",
    to: "before.state === 'ended' || before.state === 'queued'",
    test: backlog,
  },
  {
    name: 'a task that is always refused blocks its model',
    file: 'lib/queue/window.ts',
    from: 'refusals >= refusalsBeforeAside',
    to: 'refusals >= 1_000 * refusalsBeforeAside',
  },
  {
    name: 'after one refusal only the first may ask, for good',
    file: 'lib/queue/window.ts',
    from: 'Math.max(1, Math.floor(size))',
    to: 'Math.min(1, Math.max(1, size))',
    test: backlog,
  },
  {
    name: 'a refusal gives back the slot of an earlier create that may yet arrive',
    file: 'lib/queue/queue.ts',
    from: 'slot !== undefined && mayHaveArrived',
    to: 'slot !== undefined && false',
    test: 'test/videos/lost-create-slot.test.ts',
  },
  {
    name: 'a lone message waits for others to share its batch',
    file: 'lib/limits.ts',
    from: 'export const batchingWindowSeconds = 0;',
    to: 'export const batchingWindowSeconds = 2;',
  },
  {
    name: 'an end gives no slot back',
    file: 'lib/queue/queue.ts',
    from: 'await slots.giveBack(workspaceId, taskId, { number: held.number })',
    to: 'await slots.list(workspaceId)',
  },
  {
    name: 'whoever takes a slot wakes nobody for the next',
    file: 'lib/queue/admit.ts',
    from: 'if (hasHeldOthersUp && (await hasRoom(workspaceId, limit)))',
    to: 'if (hasHeldOthersUp && limit === undefined)',
    test: inFlight,
  },
  {
    name: 'an end while a create is under way is forgotten',
    file: 'lib/queue/queue.ts',
    from: "const mayHaveOpened = reason === 'full' && !isAside;",
    to: 'const mayHaveOpened = false;',
    test: 'test/queue/queue.test.ts',
  },
  {
    name: 'a task that stands aside alone comes back ever later',
    file: 'lib/queue/queue.ts',
    from: 'first?.id === entryId',
    to: 'first === undefined',
    test: 'test/queue/queue.test.ts',
  },
];
const maxRuns = 4_000;

const print = (text: string) => process.stdout.write(`${text}\n`);

const output = (folder: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject).on('close', () => resolve(Buffer.concat(chunks).toString()));
  });

/** The promise that was broken, without the task that it names, or else the title of the test that failed. */
const brokenIn = (told: string): string =>
  /BrokenPromise: ([^;\n]+)/.exec(told)?.[1] ?? /FAIL .* > ([^\n]+)/.exec(told)?.[1] ?? 'nothing';

const play = async ({ file, from, to, test }: Mutation): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'mutation-'));
  try {
    for (const part of [
      'lib',
      'local',
      'functions',
      'test',
      'package.json',
      'tsconfig.json',
      'vitest.config.ts',
    ])
      await cp(part, join(folder, part), { recursive: true });
    await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    const code = await readFile(file, 'utf8');
    if (code.split(from).length !== 2) throw new Error(`${file} does not contain this once: ${from}`);
    await writeFile(join(folder, file), code.replace(from, to));
    const args =
      test === undefined
        ? ['test/simulation/simulate.ts', '--as-found', '--runs', String(maxRuns)]
        : ['node_modules/vitest/vitest.mjs', 'run', '--no-color', test];
    const told = await output(folder, args);
    const after = /Property failed after (\d+) tests/.exec(told)?.[1];
    const isCaught = after !== undefined || /\d failed/.test(told);
    const runs = test === undefined ? `in ${maxRuns}` : 'by its test';
    return isCaught ? `${after ?? 1} | ${brokenIn(told)}` : `not caught ${runs} | `;
  } finally {
    await rm(folder, { recursive: true });
  }
};

const wanted = process.argv[2] ?? '';
print('| fault put back | caught after | by |\n| --- | ---: | --- |');
for (const mutation of mutations.filter(({ name }) => name.includes(wanted)))
  print(`| ${mutation.name} | ${await play(mutation)} |`);

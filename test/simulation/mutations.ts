/**
 * Puts faults back into a copy of the code, one at a time, and shows which invariant catches each, and after how many
 * schedules: `node test/simulation/mutations.ts [part of a name]`.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutation, mutations } from './mutation-list.ts';

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
      'operator',
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
    if (!/\d+ schedules|Tests +\d/.test(told)) throw new Error(`nothing was played: ${told}`);
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

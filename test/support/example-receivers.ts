import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { currentEnvironment } from '../../lib/config.ts';

/** How an example is run, as its README says, but at any free port. */
export type Program = {
  command: string;
  parameters: readonly string[];
  folder: string;
  /** Finds its address among its lines. */
  address: RegExp;
  path: string;
};

export type ExampleReceiver = {
  url: string;
  /** The next line that it prints on standard output, about an event. */
  nextLine(): Promise<string>;
  /** Everything it printed as an error or a log so far. */
  errors(): string;
  stop(): Promise<void>;
};

export const startExample = async (program: Program, secret: string): Promise<ExampleReceiver> => {
  const child = spawn(program.command, program.parameters, {
    cwd: program.folder,
    env: { PATH: currentEnvironment()['PATH'], CLEARMAAS_CALLBACK_SECRET: secret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextLine = async () => String((await lines.next()).value);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const origin = await Promise.race([
    addressIn(child, program.address),
    once(child, 'exit').then(() => Promise.reject(new Error(`The example ended: ${errors}`))),
  ]);
  if (!errors.includes(origin)) await nextLine();
  return {
    url: `${origin}${program.path}`,
    nextLine,
    errors: () => errors,
    async stop() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
};

const addressIn = (child: ChildProcessByStdio<null, Readable, Readable>, pattern: RegExp): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      const [, address] = pattern.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });

const run = promisify(execFile);
const environments = fileURLToPath(new URL('../../node_modules/.cache/python', import.meta.url));

/** The folder of programs of a Python that has what the example needs; `undefined` where there is no Python or PyPI. */
export const pythonFor = async (requirements: string): Promise<string | undefined> => {
  const folder = join(environments, basename(dirname(requirements)));
  const programs = join(folder, 'bin');
  const finished = join(folder, 'finished');
  try {
    await access(finished).catch(async () => {
      await mkdir(folder, { recursive: true });
      await run('python3', ['-m', 'venv', folder]);
      await run(join(programs, 'pip'), ['install', '--quiet', '--retries', '1', '-r', requirements]);
      await writeFile(finished, '');
    });
    return programs;
  } catch {
    return undefined;
  }
};

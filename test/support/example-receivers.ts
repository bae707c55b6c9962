import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
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

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, vi } from 'vitest';
import { currentEnvironment } from '../../lib/config.ts';
import { patience } from './patience.ts';

type Listener = {
  /** Everything printed so far. */
  output(): string;
  says(pattern: RegExp): Promise<void>;
  kill(): Promise<void>;
  /** Answers the exit code. */
  interrupt(): Promise<number | null>;
  ended(): Promise<number | null>;
};

const program = fileURLToPath(new URL('../../operator/listen.ts', import.meta.url));

type Options = { cwd: string; variables: Record<string, string> };

const observe = (child: ChildProcess): Listener => {
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    output: () => printed,
    says: (pattern) => vi.waitFor(() => expect(printed).toMatch(pattern), patience),
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
    async interrupt() {
      child.kill('SIGINT');
      return exit;
    },
    ended: () => exit,
  };
};

/** `npm run listen -- …` as its own process. */
export const startListener = (args: string[], { cwd, variables }: Options): Listener =>
  observe(
    spawn(process.execPath, [program, ...args], {
      cwd,
      env: { ...currentEnvironment(), ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );

/** The same in a pseudo-terminal, by `script` of util-linux. */
export const startListenerInTerminal = (args: string[], { cwd, variables }: Options): Listener => {
  const command = [process.execPath, program, ...args].map((part) => `'${part}'`).join(' ');
  return observe(
    spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd,
      env: { ...currentEnvironment(), ...variables },
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );
};

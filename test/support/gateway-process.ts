import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { currentEnvironment } from '../../lib/config.ts';

export type GatewayProcess = {
  url: string;
  apiKey: string;
  /** Everything printed so far. */
  output(): string;
  /** Kills the gateway and the data process under it, as a power cut would. */
  killAll(): Promise<void>;
  /** Kills the data process alone; the gateway starts another. */
  killData(): void;
  /** Answers the exit code. */
  interrupt(): Promise<number | null>;
};

/** Runs a program of the local folder in a process group of its own. */
export const spawnLocal = (
  program: string,
  variables: Record<string, string>,
  cwd?: string,
): ChildProcess => {
  const file = fileURLToPath(new URL(`../../local/${program}.ts`, import.meta.url));
  const child = spawn(process.execPath, [file], {
    cwd,
    env: { ...currentEnvironment(), ...variables },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => killGroup(child));
  return child;
};

/** `npm start`, at any free port unless the variables say otherwise, with a clock that may be ahead. */
export const startGateway = async (
  variables: Record<string, string>,
  { aheadMs = 0, cwd }: { aheadMs?: number; cwd?: string } = {},
): Promise<GatewayProcess> => {
  const clock = aheadMs > 0 && { NODE_OPTIONS: `--import=${clockAhead(aheadMs)}` };
  const child = spawnLocal('start', { PORT: '0', ...variables, ...clock }, cwd);
  const output = await readUntil(child, /Ctrl-C/);
  const [, url = ''] = /listening on (\S+)/.exec(output()) ?? [];
  const [, apiKey = ''] = /CLEARMAAS_API_KEY=(\S+)/.exec(output()) ?? [];
  return {
    url,
    apiKey,
    output,
    killAll: () => killGroup(child),
    killData: () => killChildrenOf(child),
    async interrupt() {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      return (await ended)[0];
    },
  };
};

const clockAhead = (aheadMs: number) =>
  `data:text/javascript,${encodeURIComponent(`const now=Date.now;Date.now=()=>now()+${aheadMs};`)}`;

/** A start that is refused: what was printed as an error, and the exit code. */
export const startInVain = async (variables: Record<string, string>) => {
  const child = spawnLocal('start', { PORT: '0', ...variables });
  const [errors, [exitCode]] = await Promise.all([text(child.stderr as never), once(child, 'exit')]);
  return { errors, exitCode };
};

const readUntil = async (child: ChildProcess, pattern: RegExp): Promise<() => string> => {
  let output = '';
  const found = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (pattern.test(output)) resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`The gateway ended with ${code}: ${output}`)));
  });
  await found;
  return () => output;
};

const killChildrenOf = ({ pid }: ChildProcess): void => {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  for (const line of processes.split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    if (child !== undefined && parent === pid) process.kill(child, 'SIGKILL');
  }
};

const killGroup = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
};

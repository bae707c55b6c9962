import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { currentEnvironment } from '../../lib/config.ts';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';

const run = promisify(execFile);
const version = '1.4.21';
const startsWithinMs = 30_000;

/** MiniStack cannot be had on this machine: no Python, or no package index within reach. */
export class NoMiniStack extends Error {
  override readonly name = 'NoMiniStack';
}

export type MiniStack = {
  endpoint: string;
  port: number;
  /** What a program needs to talk to it as if it were AWS. */
  environment: Record<string, string>;
  /** The end of what it and the functions wrote. */
  log(): Promise<string>;
  stop(): Promise<void>;
};

const install = async (folder: string): Promise<void> => {
  const options = [
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    '--retries',
    '1',
    '--target',
    folder,
  ];
  try {
    await run('python3', ['-m', 'pip', 'install', ...options, `ministack==${version}`], { timeout: 120_000 });
  } catch (error) {
    const [reason] = `${(error as { stderr?: string }).stderr || (error as Error).message}`
      .trim()
      .split('\n')
      .slice(-1);
    throw new NoMiniStack(`MiniStack ${version} cannot be installed with pip: ${reason}`, { cause: error });
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  const port = await listenOnLoopback(server, 0);
  await stopListening(server);
  return port;
};

const untilReady = async (
  endpoint: string,
  child: ChildProcess,
  log: () => Promise<string>,
): Promise<void> => {
  const giveUpAtMs = Date.now() + startsWithinMs;
  while (Date.now() < giveUpAtMs && child.exitCode === null) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`MiniStack does not start:\n${await log()}`);
};

/** An AWS on this machine, with a Lambda that runs the real bundles. Everything of it stays in the folder. */
export const startMiniStack = async (folder: string): Promise<MiniStack> => {
  const packages = join(folder, 'packages');
  await install(packages);
  const port = await freePort();
  const endpoint = `http://${loopback}:${port}`;
  const aws = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
  };
  const { PATH = '' } = currentEnvironment();
  const logFile = join(folder, 'ministack.log');
  // Nothing else of this machine's environment: the functions inherit it.
  const child = spawn('python3', ['-m', 'ministack'], {
    cwd: folder,
    env: {
      PATH,
      HOME: folder,
      TMPDIR: folder,
      PYTHONPATH: packages,
      BIND_HOST: loopback,
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      // It would listen on AWS's own port for MQTT.
      IOT_MTLS_ENABLED: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = createWriteStream(logFile);
  child.stdout.pipe(lines, { end: false });
  child.stderr.pipe(lines, { end: false });
  const log = async () => (await readFile(logFile, 'utf8')).split('\n').slice(-60).join('\n');
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(impatience);
  };
  try {
    await untilReady(endpoint, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, port, environment: aws, log, stop };
};

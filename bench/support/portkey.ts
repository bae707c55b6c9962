import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { loopback } from '../../local/cloud/loopback.ts';

export const portkeyVersion = '1.15.2';
const run = promisify(execFile);

/** Installs Portkey's gateway into a folder of its own and starts it. */
export const startPortkey = async (folder: string, port: number) => {
  const flags = ['--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...flags, `@portkey-ai/gateway@${portkeyVersion}`], { timeout: 120_000 });
  const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const child = spawn(process.execPath, [program, '--headless', `--port=${port}`], {
    env: { PATH: '/usr/bin:/bin', NODE_ENV: 'production' },
    stdio: 'ignore',
  });
  const url = `http://${loopback}:${port}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer !== undefined) return { child, url };
    await sleep(100);
  }
  child.kill();
  throw new Error('it did not start within 10 s');
};

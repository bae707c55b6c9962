import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { currentEnvironment, exportEnvironment } from '../../lib/config.ts';
import { startFakeKling } from '../../local/fakes/kling.ts';
import { endIfGivenArguments } from '../../local/only-help.ts';
import { startReceiver } from '../support/receiver.ts';
import { type MiniStack, NoMiniStack, startMiniStack } from './ministack.ts';
import type { Rehearsal } from './rehearsal.ts';
import { steps } from './steps.ts';

/** It could not be tried at all, which is neither a success nor a failure. */
const notRehearsed = 3;
const klingKey = 'sk-fake';

const project = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The `cdk` of this project on the rehearsal's app. */
const createCdk =
  (cloud: MiniStack, folder: string) =>
  async (...args: string[]): Promise<void> => {
    const { PATH = '', HOME = folder } = currentEnvironment();
    const options = ['--app', 'node test/rehearsal/app.ts', '--output', join(folder, 'cdk.out')];
    await run('cdk', [...args, ...options, '-c', `folder=${folder}`], {
      cwd: project,
      env: { ...cloud.environment, PATH, HOME, CI: 'true' },
      maxBuffer: 2 ** 26,
    });
  };

const rehearse = async (folder: string): Promise<void> => {
  const cloud = await startMiniStack(folder);
  exportEnvironment({ ...cloud.environment, AWS_PROFILE: undefined, AWS_SESSION_TOKEN: undefined });
  const kling = await startFakeKling({ seconds: 2, apiKey: klingKey });
  const receiver = await startReceiver();
  try {
    const rehearsal: Rehearsal = {
      cloud,
      kling,
      klingKey,
      receiver,
      folder,
      cdk: createCdk(cloud, folder),
      stack: 'ClearMaasGateway-rehearsal',
      say: (line) => say(`      ${line}`),
    };
    for (const [name, step] of Object.entries(steps)) {
      const startedAtMs = Date.now();
      await step(rehearsal);
      say(`  ok  ${name} (${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s)`);
    }
  } catch (error) {
    say(`\nThe end of MiniStack's log:\n${await cloud.log()}`);
    throw error;
  } finally {
    await Promise.all([receiver.stop(), kling.close(), cloud.stop()]);
  }
};

endIfGivenArguments(`Deploys the real stack to an AWS on this machine (MiniStack), and makes the whole trip.

Usage: npm run rehearse

Ends with 0 where it went well, with 1 where it did not, and with ${notRehearsed} where MiniStack is missing.
`);

const folder = await mkdtemp(join(tmpdir(), 'rehearsal-'));
try {
  say('Deploying the real stack to an AWS on this machine, and making the whole trip.');
  await rehearse(folder);
  say('The rehearsal went well.');
} catch (error) {
  const missing = error instanceof NoMiniStack;
  say(missing ? `Not rehearsed. ${error.message}` : `The rehearsal failed. ${describe(error)}`);
  process.exitCode = missing ? notRehearsed : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** A program that failed says why on its output. */
function describe(error: unknown): string {
  const { stderr = '', stdout = '', stack } = error as { stderr?: string; stdout?: string; stack?: string };
  return [stack, stdout.slice(-3_000), stderr.slice(-3_000)].filter(Boolean).join('\n');
}

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeImage } from './demo/image-step.ts';
import { createCall, type DemoStep } from './demo/step.ts';
import { makeVideo } from './demo/video-step.ts';
import { startInstance } from './instance.ts';
import { endIfGivenArguments } from './only-help.ts';
import { readSettings } from './settings.ts';

/** What the demo shows, one after another. */
const steps: readonly DemoStep[] = [makeVideo, makeImage];

/** Where what was made is left to look at; in the folder in which the demo was started. */
const resultsFolder = resolve('demo-results');
const patienceMs = 60_000;

const print = (text: string) => {
  process.stdout.write(`${text}\n`);
};

/** Nothing is read from the environment: a demo must neither cost money nor get in the way of a running gateway. */
const runDemo = async (data: string) => {
  const settings = { PORT: '0', DATA_DIR: data, STAND_IN_SECONDS: '3', LOG_LEVEL: 'error' };
  const stack = await startInstance(readSettings(settings));
  print(`The gateway is listening on ${stack.url}, with fakes of the providers: nothing costs money.\n`);
  try {
    for (const step of steps) await step({ stack, folder: resultsFolder, print, call: createCall(stack) });
  } finally {
    await stack.stop();
    await rm(data, { recursive: true, force: true });
  }
  print(
    '\nThe gateway has ended. "npm start" runs one that stays, with a console at http://127.0.0.1:8787/console.',
  );
};

endIfGivenArguments(`Makes a video and an image with fakes of the providers, for nothing, and shows each step.

Usage: npm run demo
`);

const impatience = setTimeout(() => {
  process.stderr.write(`The demo did not come to its end in ${patienceMs / 1000} s.\n`);
  process.exit(1);
}, patienceMs);

try {
  await mkdir(resultsFolder, { recursive: true });
  await runDemo(await mkdtemp(join(tmpdir(), 'clearmaas-demo-')));
  clearTimeout(impatience);
} catch (error) {
  process.stderr.write(`\nThe demo failed. ${(error as Error).message}\n`);
  process.exit(1);
}

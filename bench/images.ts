import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { entryFile } from '../cdk/bundle-options.ts';
import { currentEnvironment } from '../lib/config.ts';
import { minuteMs } from '../lib/time.ts';
import { startCloud } from '../local/cloud/cloud.ts';
import { connectToCloud } from '../local/cloud/connect.ts';
import { makeSecrets } from '../local/data/secrets.ts';
import { functionEnvironment } from '../local/function-environment.ts';
import { seedLocalWorkspace } from '../local/local-workspace.ts';
import { readSettings } from '../local/settings.ts';
import { benchFile, makeBundle } from './support/bundles.ts';
import { type LargeImages, startLargeImages } from './support/large-images.ts';
import { print } from './support/print.ts';
import { printTable } from './support/table.ts';

export const about = 'memory of the api function while ten images of 4 MB pass through it (P6)';

const imageMb = 4;
const n = 10;
const limitMb = 300;

const cases = [
  { name: 'links, ten images in one answer', model: 'openai/gpt-image-2', format: 'url' },
  { name: 'bytes, ten images in one answer', model: 'openai/gpt-image-2', format: 'b64_json' },
  { name: 'links, ten answers of one image', model: 'google/gemini-3-pro-image', format: 'url' },
  { name: 'bytes, ten answers of one image', model: 'google/gemini-3-pro-image', format: 'b64_json' },
] as const;

type Memory = { nowMb: number; peakMb: number };

/** Each case has the function in a process of its own, which nothing ran through before. */
export default async (): Promise<void> => {
  const provider = await startLargeImages(imageMb * 1_000_000);
  const cloud = await startCloud();
  const connection = await connectToCloud(cloud.ports);
  const secrets = makeSecrets();
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const bundle = await makeBundle(entryFile('api'), folder);
  const options = { ...secrets, isSecretChosen: false, now: Date.now };
  try {
    await seedLocalWorkspace(connection.table, options);
    const environment = {
      ...currentEnvironment(),
      ...functionEnvironment({
        settings: readSettings({ LOG_LEVEL: 'error', ...providerVariables(provider) }),
        url: 'http://127.0.0.1',
        linkSigningKey: secrets.linkSigningKey,
        cloud: connection.environment,
        fakes: { running: {}, variables: {} },
      }),
    };
    const rows = [];
    for (const { name, model, format } of cases) {
      const measured = await measure(bundle.file, environment, secrets.apiKey, {
        model,
        response_format: format,
      });
      rows.push([name, measured.answerMb, measured.seconds, measured.idleMb, measured.peakMb]);
    }
    printTable(
      `${n} images of ${imageMb} MB, memory of the function's process`,
      ['case', 'answer MB', 'seconds', 'idle MB', 'peak MB'],
      rows,
    );
    const worst = Math.max(...rows.map(([, , , , peakMb]) => Number(peakMb)));
    print(`\npeak ${Math.round(worst)} MB: ${worst < limitMb ? 'under' : 'NOT under'} ${limitMb} MB`);
  } finally {
    connection.disconnect();
    await Promise.all([cloud.stop(), provider.close()]);
    await rm(folder, { recursive: true });
  }
};

const providerVariables = ({ url }: LargeImages) => ({
  OPENAI_BASE_URL: url,
  OPENAI_API_KEY: 'bench',
  GEMINI_BASE_URL: url,
  GEMINI_API_KEY: 'bench',
});

const measure = async (
  bundle: string,
  env: Record<string, string | undefined>,
  apiKey: string,
  body: object,
) => {
  const child = spawn(process.execPath, [benchFile('support/image-function.ts'), bundle], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const nextLine = async () => String((await lines.next()).value);
    const askMemory = async (): Promise<Memory> => {
      child.stdin.write('\n');
      return JSON.parse(await nextLine());
    };
    const url = await nextLine();
    const idle = await askMemory();
    const startedAtMs = performance.now();
    const answer = await fetch(`${url}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'large', n, ...body }),
      signal: AbortSignal.timeout(minuteMs),
    });
    let answerBytes = 0;
    for await (const chunk of answer.body ?? []) answerBytes += chunk.length;
    if (answer.status !== 200) throw new Error(`the gateway answered ${answer.status}`);
    const seconds = (performance.now() - startedAtMs) / 1_000;
    const { peakMb } = await askMemory();
    return { answerMb: answerBytes / 1e6, seconds, idleMb: idle.nowMb, peakMb };
  } finally {
    child.kill();
    await once(child, 'exit');
  }
};

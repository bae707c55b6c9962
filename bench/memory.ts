import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryFile } from '../cdk/bundle-options.ts';
import type { FunctionName } from '../lib/limits.ts';
import { cloudEnvironment } from '../local/cloud/layout.ts';
import { startFakeKling } from '../local/fakes/kling.ts';
import { fakeKey } from '../local/providers.ts';
import { aPng } from '../test/support/pictures.ts';
import { startReceiver } from '../test/support/receiver.ts';
import { silentLog } from '../test/support/silent-log.ts';
import { startBenchCloud } from './support/bench-cloud.ts';
import { benchFile, makeBundle } from './support/bundles.ts';
import { functionUrlEvent, queueEvent, videoBody } from './support/events.ts';
import { givenMb } from './support/given-memory.ts';
import { startLargeImages } from './support/large-images.ts';
import { startRecorder } from './support/recorder.ts';
import { printTable } from './support/table.ts';
import { startWarm, type WarmFunction } from './support/warm-function.ts';

export const about = 'peak memory of each function at its heaviest work, beside what it is given (P6)';

const tasks = 60;
/** Each passes as much as ten of the others. */
const imageTasks = 10;
/** As large as a picture in a request can be: its base64 fills the five megabytes of a body. */
const pictureBytes = 3_600_000;
const imageBytes = 4_000_000;

export default async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const cloud = await startBenchCloud();
  const receiver = await startReceiver();
  const images = await startLargeImages(imageBytes);
  const kling = await startFakeKling({ port: 0, seconds: 0, apiKey: fakeKey, log: silentLog });
  const portOf = (url: string) => Number(new URL(url).port);
  const queues = await startRecorder(portOf(cloud.environment.AWS_ENDPOINT_URL_SQS));
  const hosts: WarmFunction[] = [];
  try {
    const runner = (await makeBundle(benchFile('support/warm-instance.ts'), join(folder, 'runner'))).file;
    const database = portOf(cloud.environment.AWS_ENDPOINT_URL_DYNAMODB);
    const start = async (name: FunctionName) => {
      const bundle = await makeBundle(entryFile(name), join(folder, name));
      const host = await startWarm(runner, bundle.file, {
        ...cloud.variables,
        ...cloudEnvironment({ database, queues: queues.port }),
        KLING_API_KEY: fakeKey,
        KLING_BASE_URL: kling.url,
        OPENAI_API_KEY: 'bench',
        OPENAI_BASE_URL: images.url,
        // As the managed runtime starts Node.
        NODE_OPTIONS: `--max-old-space-size=${Math.round(givenMb[name] * 0.9)} --max-semi-space-size=${Math.round(givenMb[name] * 0.05)}`,
      });
      hosts.push(host);
      return host;
    };
    const peaks: [FunctionName, string, number][] = [];
    const work = async (name: FunctionName, what: string, events: object[], host?: WarmFunction) => {
      const instance = host ?? (await start(name));
      for (const event of events) {
        const { failures } = await instance.run({ event, count: 1, atOnce: 1 });
        if (failures > 0) throw new Error(`${name} failed at: ${what}`);
      }
      peaks.push([name, what, instance.peakMb()]);
      return instance;
    };
    const sentTo = (queue: string): object[] =>
      queues.calls
        // Without the call that warms a connection up, which is refused.
        .filter(({ input, status }) => status < 300 && String(input['QueueUrl']).endsWith(`/${queue}`))
        .map(({ input }) => JSON.parse(String(input['MessageBody'])));
    const post = (path: string, body: object) =>
      functionUrlEvent({ method: 'POST', path, apiKey: cloud.apiKey, body });
    const repeat = (event: () => object) => Array.from({ length: tasks }, event);

    const video = videoBody(receiver.url);
    const api = await work(
      'api',
      'accepts of text',
      repeat(() => post('/v1/video/generations', video)),
    );
    const image = Buffer.concat([aPng({ width: 800, height: 800 }), randomBytes(pictureBytes)]).toString(
      'base64',
    );
    await work(
      'api',
      'accepts with a large picture',
      repeat(() => post('/v1/video/generations', { ...video, image })),
      api,
    );
    const order = { model: 'openai/gpt-image-2', prompt: 'bench', response_format: 'b64_json' };
    await work(
      'api',
      'images of 4 MB, passed on',
      repeat(() => post('/v1/images/generations', order)),
      api,
    );
    const laterOrder = { ...order, n: 10, response_format: 'url', callback_url: receiver.url };
    await work(
      'api',
      'orders of images that nobody waits for',
      repeat(() => post('/v1/images/generations', laterOrder)),
      api,
    );
    await work(
      'make-image',
      'tasks of ten images of 4 MB',
      sentTo('images')
        .slice(0, imageTasks)
        .map((message) => queueEvent(message)),
    );
    await work(
      'submit-video',
      'tasks, half of them with a large picture',
      sentTo('submissions').map((message) => queueEvent(message)),
    );
    const polls = sentTo('polls');
    const batches = Array.from({ length: Math.ceil(polls.length / 5) }, (_, index) =>
      queueEvent(...polls.slice(index * 5, index * 5 + 5)),
    );
    await work('poll-video', 'batches of five', batches);
    await work(
      'deliver',
      'events',
      sentTo('callbacks').map((message) => queueEvent(message)),
    );
    await work(
      'sweep',
      'sweeps',
      repeat(() => ({})),
    );

    printTable(
      `Peak memory of one instance after ${tasks} of each, one at a time`,
      ['function', 'work', 'peak MB', 'given MB', 'share'],
      peaks.map(([name, what, peakMb]) => [name, what, peakMb, givenMb[name], peakMb / givenMb[name]]),
    );
  } finally {
    for (const host of hosts) host.stop();
    cloud.stop();
    await Promise.all([receiver.stop(), kling.close(), images.close(), queues.stop()]);
    await rm(folder, { recursive: true });
  }
};

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { secondMs } from '../../lib/time.ts';
import { type CallEndpoint, createCallEndpoint } from './endpoint.ts';
import { type Client, deployedIn, type Rehearsal } from './rehearsal.ts';

const run = promisify(execFile);

/** Looks again and again until there is an answer. */
export const until = async <T>(
  what: string,
  patienceMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> => {
  const giveUpAtMs = Date.now() + patienceMs;
  while (Date.now() < giveUpAtMs) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(500);
  }
  throw new Error(`${what} did not happen within ${patienceMs / secondMs} s`);
};

export const operatorProgram = (name: string): string =>
  fileURLToPath(new URL(`../../operator/${name}.ts`, import.meta.url));

/** A client with a key that `npm run keys -- create` makes, as an operator runs it, and the secret of its workspace. */
export const createClient = async (
  { stack, cloud }: Rehearsal,
  endpointUrl: string,
  ...options: string[]
): Promise<Client> => {
  const args = ['create', '--name', 'rehearsal', '--stack', stack, '--json', ...options];
  const { stdout } = await run(process.execPath, [operatorProgram('keys'), ...args]);
  const { key, workspace } = JSON.parse(stdout) as { key: string; workspace: string };
  const call = createCallEndpoint(endpointUrl, cloud.port, key);
  const { status, body } = await call('GET', '/v1/callbacks/secret');
  assert.equal(status, 200, `the secret was answered with ${JSON.stringify(body)}`);
  const { secret } = body as { secret: string };
  assert.match(secret, /^whsec_/);
  return { workspaceId: workspace, callbackSecret: secret, call };
};

export const submitVideo = async (
  { receiver }: Rehearsal,
  { call }: Client,
  prompt: string,
): Promise<string> => {
  const { status, body } = await call('POST', '/v1/video/generations', {
    model: 'kling/kling-v2-6',
    prompt,
    callback_url: `${receiver.url}/callbacks`,
  });
  assert.equal(status, 200, `the submission was answered with ${JSON.stringify(body)}`);
  return (body as { task_id: string }).task_id;
};

type Data = { status: string; fail_reason?: string; result_url?: string };

/** How a task ended that was to succeed. */
export const untilSucceeded = ({ call }: Client, taskId: string, patienceMs: number): Promise<Data> =>
  until(`the end of ${taskId}`, patienceMs, async () => {
    const { body } = await call('GET', `/v1/video/generations/${taskId}`);
    const { data } = body as { data: Data };
    assert.notEqual(data.status, 'FAILURE', `the task failed: ${data.fail_reason}`);
    return data.status === 'SUCCESS' ? data : undefined;
  });

/** The callback of that task, with a signature that a client's library accepts. */
export const untilCalledBack = (
  { receiver }: Rehearsal,
  { callbackSecret }: Client,
  taskId: string,
): Promise<{ id: string }> =>
  until(`the callback of ${taskId}`, 60 * secondMs, async () => {
    const call = receiver.calls.find(({ body }) => body.includes(taskId));
    if (!call) return undefined;
    const webhook = new Webhook(callbackSecret);
    const event = webhook.verify(call.body, call.headers as Record<string, string>);
    assert.equal((event as { type: string }).type, 'video.completed');
    return event as { id: string };
  });

/** What a newcomer does with a test key on a deployment into which nothing was entered, each call and its answer told. */
export const makeTrip = async (rehearsal: Rehearsal): Promise<void> => {
  const { test } = deployedIn(rehearsal);
  const call = telling(rehearsal, test.call);
  const taskId = await submitVideo(rehearsal, { ...test, call }, 'A dress rehearsal [1s]');
  const { id } = await untilCalledBack(rehearsal, test, taskId);
  rehearsal.say(`     <- POST /callbacks: video.completed, ${id}; standardwebhooks accepts its signature`);
  const { result_url: link = '' } = await untilSucceeded({ ...test, call }, taskId, 30 * secondMs);
  await fetchVideo(rehearsal, call, new URL(link));
  const images = await call('POST', '/v1/images/generations', {
    model: 'openai/gpt-image-2',
    prompt: 'A kite',
    size: '1536x1024',
    response_format: 'b64_json',
  });
  const [image] = (images.body as { data: { b64_json: string }[] }).data;
  const png = Buffer.from(image?.b64_json ?? '', 'base64');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1536, 1024]);
};

/** The link leads into the bucket, where the video was drawn when it was followed. */
const fetchVideo = async ({ say }: Rehearsal, call: CallEndpoint, link: URL): Promise<void> => {
  const { headers } = await call('GET', link.pathname + link.search);
  const answer = await fetch(String(headers['location']), { headers: { range: 'bytes=4-7' } });
  assert.deepEqual([answer.status, await answer.text()], [206, 'ftyp']);
  say(`GET (the bucket's link) Range: bytes=4-7\n        -> 206 ${answer.headers.get('content-type')} ftyp`);
};

const maxShown = 600;

/** Signatures and pictures are of no use to a reader. */
const shorten = (text: string): string => {
  const shown = text.replace(/\?(expires|X-Amz)[^" ]*/g, '?…').replace(/("b64_json":"[^"]{12})[^"]*/g, '$1…');
  return shown.length <= maxShown ? shown : `${shown.slice(0, maxShown)}…`;
};

const telling =
  ({ say }: Rehearsal, call: CallEndpoint): CallEndpoint =>
  async (method, path, body) => {
    const answer = await call(method, path, body);
    const told = answer.body ? JSON.stringify(answer.body) : String(answer.headers['location']);
    say(shorten([method, path, body && JSON.stringify(body)].filter(Boolean).join(' ')));
    say(shorten(`  -> ${answer.status} ${told}`));
    return answer;
  };

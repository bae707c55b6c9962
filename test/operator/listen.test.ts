import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { Webhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventIdFor } from '../../lib/tasks/task-id.ts';
import { localWorkspaceId } from '../../local/local-workspace.ts';
import { aFolder } from '../support/a-folder.ts';
import { storeAnEnd } from '../support/an-end.ts';
import { startListener, startListenerInTerminal } from '../support/listener.ts';
import { startReceiver } from '../support/receiver.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let cwd: string;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());
beforeEach(async () => {
  cwd = await aFolder();
});

/** A task that ends now. Answers the id of its event. */
const anEnd = async (): Promise<string> =>
  eventIdFor(await storeAnEnd(stack.cloud.table, localWorkspaceId), 'video.failed');
const variables = () => ({ CLEARMAAS_URL: stack.url, CLEARMAAS_API_KEY: stack.apiKey });
const listen = (receiverUrl: string, ...args: string[]) =>
  startListener(['--forward-to', receiverUrl, ...args], { cwd, variables: variables() });
const aReceiver = async (port?: number) => {
  const receiver = await startReceiver(port);
  return { ...receiver, ids: () => receiver.calls.map(({ headers }) => headers['webhook-id']) };
};

test('forwards an event as a callback is sent: three verifiers take it', async () => {
  const receiver = await aReceiver();
  const listener = listen(receiver.url);
  await listener.says(/from now on/);
  const eventId = await anEnd();
  const { body, headers } = await receiver.next();
  const signed = headers as Record<string, string>;
  expect(new Webhook(stack.callbackSecret).verify(body, signed)).toMatchObject({ id: eventId });
  new SvixWebhook(stack.callbackSecret).verify(body, signed);
  const openai = new OpenAI({ apiKey: 'unused' });
  expect(await openai.webhooks.unwrap(body, signed, stack.callbackSecret)).toMatchObject({ id: eventId });
  expect(headers['webhook-id']).toBe(eventId);
  await listener.says(/video\.failed +task_\w+ +200 +\d+ ms/);
  expect(await listener.interrupt()).toBe(0);
  expect(listener.output()).toMatch(/1 forwarded, 0 given up, in \d+ s\./);
  expect(listener.output()).not.toContain(stack.apiKey);
  await receiver.stop();
});

test('loses none of twenty ends when it is killed amid them and started again', async () => {
  const receiver = await aReceiver();
  let listener = listen(receiver.url);
  await listener.says(/from now on/);
  const expected: string[] = [];
  for (let count = 0; count < 20; count += 1) {
    expected.push(await anEnd());
    if (count % 7 !== 3) continue;
    await receiver.waitFor(Math.max(1, receiver.calls.length));
    await listener.kill();
    expected.push(await anEnd());
    listener = listen(receiver.url);
    await listener.says(/where the last listener stopped/);
  }
  const hasAll = () => expected.every((id) => receiver.ids().includes(id));
  while (!hasAll()) await receiver.waitFor(receiver.calls.length + 1);
  expect(await listener.interrupt()).toBe(0);
  await receiver.stop();
});

test('waits for a receiver that is down, and then brings everything', async () => {
  const gone = await startReceiver();
  const port = Number(new URL(gone.url).port);
  await gone.stop();
  const listener = listen(gone.url);
  await listener.says(/from now on/);
  const eventIds = [await anEnd(), await anEnd()];
  await listener.says(/---.*Trying again/);
  // Whoever had the port before may still be called there.
  const receiver = await aReceiver(port);
  while (!eventIds.every((id) => receiver.ids().includes(id)))
    await receiver.waitFor(receiver.calls.length + 1);
  await receiver.stop();
});

test.runIf(process.platform === 'linux')('ends with a sentence where no folder can be made', async () => {
  const receiver = await aReceiver();
  const listener = listen(receiver.url, '--state', '/proc/clearmaas/listen.json');
  expect(await listener.ended()).toBe(1);
  expect(listener.output()).toMatch(/The position cannot be kept in \/proc\/clearmaas\/listen\.json \(/);
});

test('ends with a sentence where the state cannot be read', async () => {
  const listener = listen('http://127.0.0.1:9/', '--state', cwd);
  expect(await listener.ended()).toBe(1);
  expect(listener.output()).toContain(`${cwd} cannot be read (`);
});

test('ends with a sentence where the disk is full, and then goes on where it was', async () => {
  const receiver = await aReceiver();
  const state = join(cwd, 'state.json');
  const first = listen(receiver.url, '--state', state);
  await first.says(/from now on/);
  await symlink('/dev/full', `${state}.next`);
  const eventId = await anEnd();
  expect(await first.ended()).toBe(1);
  expect(first.output()).toMatch(/The position cannot be kept in .*state\.json \(.*\)\. Make room/);
  expect(first.output()).not.toMatch(/^ +at /m);
  await rm(`${state}.next`);
  const second = listen(receiver.url, '--state', state);
  await second.says(/where the last listener stopped/);
  await second.says(/video\.failed +task_\w+ +200/);
  expect(receiver.ids()).toContain(eventId);
  await receiver.stop();
});

test('refuses to work on a state that another listener works on', async () => {
  const receiver = await aReceiver();
  const first = listen(receiver.url);
  await first.says(/from now on/);
  const second = listen(receiver.url);
  expect(await second.ended()).toBe(1);
  expect(second.output()).toContain('Another listener is at work');
  await receiver.stop();
});

test('begins earlier where it is told to', async () => {
  const receiver = await aReceiver();
  const eventId = await anEnd();
  const listener = listen(receiver.url, '--since', '1h');
  await listener.says(/from --since on/);
  while (!receiver.ids().includes(eventId)) await receiver.waitFor(receiver.calls.length + 1);
  await receiver.stop();
});

test('keeps its position where a --since is refused', async () => {
  const receiver = await aReceiver();
  const first = listen(receiver.url);
  await first.says(/from now on/);
  expect(await first.interrupt()).toBe(0);
  const eventId = await anEnd();
  const refused = listen(receiver.url, '--since', '2099-01-01T00:00:00Z');
  expect(await refused.ended()).toBe(1);
  expect(refused.output()).toContain('after must not lie in the future.');
  const second = listen(receiver.url);
  await second.says(/where the last listener stopped/);
  while (!receiver.ids().includes(eventId)) await receiver.waitFor(receiver.calls.length + 1);
  await receiver.stop();
});

test('says what to do about a position that the gateway does not know, and begins as long ago as is asked', async () => {
  const receiver = await aReceiver();
  const eventId = await anEnd();
  const state = join(cwd, 'state.json');
  await writeFile(state, JSON.stringify({ after: 'cur_another', done: [] }));
  const refused = listen(receiver.url, '--state', state);
  expect(await refused.ended()).toBe(1);
  expect(refused.output()).toMatch(/after must be a cursor .* say with --since where to begin\./);
  listen(receiver.url, '--state', state, '--since', '99999d');
  while (!receiver.ids().includes(eventId)) await receiver.waitFor(receiver.calls.length + 1);
  await receiver.stop();
});

test('tells a person at a terminal what it does', async () => {
  const receiver = await aReceiver();
  receiver.answer({ status: 401 });
  const listener = startListenerInTerminal(['--forward-to', receiver.url], { cwd, variables: variables() });
  await listener.says(/Forwarding events to http:\/\/127\.0\.0\.1:\d+, from now on\. Ctrl-C ends it\./);
  await anEnd();
  await listener.says(/video\.failed +task_\w+ +401 .*Trying again/);
  await listener.says(/video\.failed +task_\w+ +200 +\d+ ms/);
  expect(listener.output()).not.toContain(stack.apiKey);
  await receiver.stop();
});

test.each([
  [[], /--forward-to is missing/],
  [['--forward-to', 'localhost:9000'], /must be a URL/],
  [['--forward-to', 'http://127.0.0.1:9/', '--since', 'yesterday'], /--since "yesterday"/],
  [['--forward-to', 'http://127.0.0.1:9/', '--what'], /--what/],
])('%j is wrong usage, and says why', async (args, words) => {
  const listener = startListener(args, { cwd, variables: variables() });
  expect(await listener.ended()).toBe(2);
  expect(listener.output()).toMatch(words);
});

test.each([
  [{ CLEARMAAS_API_KEY: 'sk-clearmaas-wrong' }, [], /API key/i],
  [{}, ['--types', 'video.done'], /types must be some of/],
])('ends where the gateway refuses for good: %j %j', async (wrong, args, words) => {
  const listener = startListener(['--forward-to', 'http://127.0.0.1:9/', ...args], {
    cwd,
    variables: { ...variables(), ...wrong },
  });
  expect(await listener.ended()).toBe(1);
  expect(listener.output()).toMatch(words);
});

test('says at its start that the gateway does not answer, and where it looked', async () => {
  const receiver = await aReceiver();
  const variables = { CLEARMAAS_URL: 'http://127.0.0.1:9', CLEARMAAS_API_KEY: stack.apiKey };
  const listener = startListener(['--forward-to', receiver.url], { cwd, variables });
  expect(await listener.ended()).toBe(1);
  expect(listener.output()).toMatch(
    /^The gateway at http:\/\/127\.0\.0\.1:9 is away: .*Check --url, and that it runs\.$/m,
  );
  await receiver.stop();
});

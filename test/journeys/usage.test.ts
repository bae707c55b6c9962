import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseMillionths } from '../../lib/money.ts';
import { createWakeUps } from '../../lib/tasks/wake-ups.ts';
import { patience } from '../support/patience.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { makeTestKey } from '../support/test-key.ts';

const videos = '/v1/video/generations';
const images = '/v1/images/generations';

type Cost = { cost_usd: string };
type Row = Cost & { key: string; tasks: number; seconds: number; images: number; livemode: boolean };
type Report = { data: Row[]; total_usd: string };

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

const send = (path: string, body?: object, headers: Record<string, string> = {}) =>
  fetch(stack.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const call = async <Answer>(
  path: string,
  body?: object,
  headers?: Record<string, string>,
): Promise<Answer> => {
  const response = await send(path, body, headers);
  expect(response.ok, await response.clone().text()).toBe(true);
  return (await response.json()) as Answer;
};

const costOf = (path: string, id: string, headers?: Record<string, string>): Promise<string> =>
  vi.waitFor(async () => {
    const { data } = await call<{ data: { usage?: Cost } }>(`${path}/${id}`, undefined, headers);
    expect(data.usage).toBeDefined();
    return data.usage?.cost_usd ?? '';
  }, patience);
const microUsd = (text: string) => parseMillionths(text) ?? Number.NaN;
const sum = (costs: string[]) => costs.map(microUsd).reduce((total, cost) => total + cost, 0);

/** How many messages wait or are being worked on. */
const waitingMessages = async (): Promise<number> => {
  const { submissions, polls, images: imageQueue } = stack.cloud.queueUrls;
  const counts = [submissions, polls, imageQueue].map(async (QueueUrl) => {
    const { Attributes = {} } = await stack.cloud.sdk.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return (
      Number(Attributes['ApproximateNumberOfMessages']) +
      Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
    );
  });
  return (await Promise.all(counts)).reduce((total, count) => total + count, 0);
};

const kling = { model: 'kling/kling-v2-6', duration: 5 };
const picture = { model: 'grok/grok-imagine-image', prompt: 'a red kite' };

describe('GET /v1/usage', () => {
  it('comes to what the tasks themselves say that they cost, whatever is repeated', async () => {
    const made = await call<{ id: string }>(videos, { ...kling, prompt: 'a kite' });
    const failed = await call<{ id: string }>(videos, { ...kling, prompt: '[fail] a kite' });
    const later = await call<{ id: string }>(images, picture, { prefer: 'respond-async' });
    const once = { 'idempotency-key': 'one picture' };
    const { usage } = await call<{ usage: Cost }>(images, picture, once);
    await call(images, picture, once);
    const refused = await send(images, { ...picture, prompt: '[refused] a kite' });
    expect(refused.status).toBe(400);
    const costs = [
      await costOf(videos, made.id),
      await costOf(videos, failed.id),
      await costOf(images, later.id),
      usage.cost_usd,
    ];
    expect(sum(costs)).toBeGreaterThan(0);

    const byModel = await call<Report>('/v1/usage?group_by=model');
    expect(byModel.data).toMatchObject([
      { key: picture.model, tasks: 3, images: 2, seconds: 0, livemode: true },
      { key: kling.model, tasks: 2, images: 0, seconds: 5, livemode: true },
    ]);
    expect(microUsd(byModel.total_usd)).toBe(sum(costs));
    const byKey = await call<Report>('/v1/usage?group_by=key');
    expect(byKey).toMatchObject({ data: [{ key: 'local', tasks: 5 }], total_usd: byModel.total_usd });
  });

  it('stays as it is when every message comes again', async () => {
    const { id } = await call<{ id: string }>(videos, { ...kling, prompt: 'a boat' });
    const later = await call<{ id: string }>(images, picture, { prefer: 'respond-async' });
    await Promise.all([costOf(videos, id), costOf(images, later.id)]);
    const before = await call<Report>('/v1/usage?group_by=model');
    const wakeUps = createWakeUps(stack.cloud.queues, stack.cloud.queueUrls);
    await Promise.all(
      [0, 1, 2, 3].flatMap((generation) => [
        wakeUps.sendSubmit(id),
        wakeUps.sendPoll({ taskId: id, generation }),
        wakeUps.sendMakeImage(later.id),
      ]),
    );
    await vi.waitFor(async () => expect(await waitingMessages()).toBe(0), patience);
    expect(await call<Report>('/v1/usage?group_by=model')).toEqual(before);
  });

  it('shows the work of a test key at no cost, and to its own workspace alone', async () => {
    const { key } = await makeTestKey(stack.cloud);
    const headers = { authorization: `Bearer ${key}` };
    const before = await call<Report>('/v1/usage');
    const { id } = await call<{ id: string }>(videos, { ...kling, prompt: 'a kite' }, headers);
    const answered = await call<{ usage: Cost }>(images, picture, headers);
    expect(microUsd(await costOf(videos, id, headers))).toBeGreaterThan(0);
    expect(microUsd(answered.usage.cost_usd)).toBeGreaterThan(0);
    expect(await call<Report>('/v1/usage', undefined, headers)).toMatchObject({
      data: [{ tasks: 2, seconds: 5, images: 1, cost_usd: '0', livemode: false }],
      total_usd: '0',
    });
    expect(await call<Report>('/v1/usage')).toEqual(before);
  });
});

import { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makePng } from '../../lib/sandbox/media/png.ts';
import { type Journey, startJourney } from '../support/journey.ts';
import { patience } from '../support/patience.ts';

let told: Journey;
let untold: Journey;
// One after another, since a stack reads its settings from the environment when it starts.
beforeAll(async () => {
  // Polls alone would not see the end before some minutes have gone by.
  told = await startJourney({ variables: { TYPICAL_RENDER_SECONDS: '600' } });
  untold = await startJourney({});
  untold.stack.kling.behave({ webhooks: 'off' });
});
afterAll(() => Promise.all([told.stack.stop(), untold.stack.stop()]));

// The longest ones first, since only some run at the same time.
describe.concurrent('a video of which Kling sends no webhooks', () => {
  it('waits while Kling has no free slot, and then is made once', async ({ onTestFinished }) => {
    const { stack, submit, receive } = untold;
    const receiver = await receive(onTestFinished);
    const { id } = await submit({ prompt: 'a boat [busy]', callback_url: receiver.url });
    expect(await receiver.nextEvent()).toMatchObject({ type: 'video.completed', data: { id } });
    expect(stack.kling.tally(id)).toEqual({ asked: 3, made: 1 });
  });

  it('comes back all the same, by asking', async ({ onTestFinished }) => {
    const { submit, receive } = untold;
    const receiver = await receive(onTestFinished);
    const { id } = await submit({ callback_url: receiver.url });
    expect(await receiver.nextEvent()).toMatchObject({ type: 'video.completed', data: { id } });
  });

  it('is found again and paid once when the answer to its submission is lost', async ({ onTestFinished }) => {
    const { stack, submit, receive, pollUntil } = untold;
    const receiver = await receive(onTestFinished);
    const { id } = await submit({ prompt: 'a boat [lost]', callback_url: receiver.url });
    await pollUntil(id, ({ status }) => status === 'UNKNOWN');
    expect(await receiver.nextEvent()).toMatchObject({ type: 'video.completed', data: { id } });
    expect(stack.kling.tally(id)).toEqual({ asked: 1, made: 1 });
  });
});

describe.concurrent('a video of which Kling sends webhooks', () => {
  it('is told again to a receiver that failed, under the same webhook-id', async ({ onTestFinished }) => {
    const { submit, receive, verified, pollUntil } = told;
    const receiver = await receive(onTestFinished);
    receiver.answer({ status: 500 });
    const { id } = await submit({ callback_url: receiver.url });
    const [first, second] = await receiver.waitFor(2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    expect(second && verified(second).data.id).toBe(id);
    const { callback } = await pollUntil(id, (data) => data.callback.state === 'delivered');
    expect(callback.attempts).toBe(2);
  });

  it('comes back as a signed event, and was asked for once', async ({ onTestFinished }) => {
    const { stack, submit, receive, poll } = told;
    const receiver = await receive(onTestFinished);
    const accepted = await submit({ callback_url: receiver.url, metadata: { duration: 5, mode: 'pro' } });
    expect(accepted).toMatchObject({ object: 'video', status: 'queued', model: 'kling/kling-v2-6' });

    const event = await receiver.nextEvent();
    expect(event).toMatchObject({
      object: 'event',
      type: 'video.completed',
      data: { id: accepted.id, task_id: accepted.id, status: 'SUCCESS', progress: '100%' },
    });
    const { data } = await poll(accepted.id);
    expect(data.result_url).toBe(event.data.result_url);
    expect(data.callback).toMatchObject({ event_id: event.id });
    const video = await fetch(`${stack.url}/v1/video/generations/${accepted.id}/content`, {
      headers: { authorization: `Bearer ${stack.apiKey}` },
    });
    expect(video.headers.get('content-type')).toBe('video/mp4');
    expect(stack.kling.tally(accepted.id)).toEqual({ asked: 1, made: 1 });
  });

  it('is believed by the openai package too', async ({ onTestFinished }) => {
    const { stack, client, submit, receive } = told;
    const receiver = await receive(onTestFinished);
    const { id } = await submit({ callback_url: receiver.url });
    const { body, headers } = await receiver.next();
    const event = await client.webhooks.unwrap(body, headers as Record<string, string>, stack.callbackSecret);
    expect(event).toMatchObject({ type: 'video.completed', data: { id } });
    const forged = body.replace('SUCCESS', 'FAILURE');
    await expect(
      client.webhooks.unwrap(forged, headers as Record<string, string>, stack.callbackSecret),
    ).rejects.toThrow();
  });

  it('fails with the reason that Kling gives', async ({ onTestFinished }) => {
    const { submit, receive, poll } = told;
    const receiver = await receive(onTestFinished);
    const { id } = await submit({ prompt: 'a boat [fail]', callback_url: receiver.url });
    const event = await receiver.nextEvent();
    expect(event).toMatchObject({ type: 'video.failed', data: { id, status: 'FAILURE' } });
    expect(event.data.fail_reason).toBeTruthy();
    expect((await poll(id)).data).toMatchObject({ status: 'FAILURE', fail_reason: event.data.fail_reason });
  });

  it('is one task for two requests with the same Idempotency-Key', async ({ onTestFinished }) => {
    const { client, stack, submit, receive } = told;
    const receiver = await receive(onTestFinished);
    const request = { prompt: 'the same boat', callback_url: receiver.url };
    const headers = { 'idempotency-key': 'one boat' };
    const answers = await Promise.all([submit(request, headers), submit(request, headers)]);
    expect(answers[1]).toEqual(answers[0]);
    const { data } = await receiver.nextEvent();
    expect(data.id).toBe(answers[0].id);
    expect(stack.kling.tally(data.id)).toEqual({ asked: 1, made: 1 });
    const other = client.post('/video/generations', {
      body: { model: 'kling/kling-v2-6', prompt: 'another boat' },
      headers,
    });
    await expect(other).rejects.toMatchObject({ status: 409, code: 'idempotency_key_reused' });
  });

  it.each([
    ['base64', ''],
    ['a data URL', 'data:image/png;base64,'],
  ])('can be made from a picture given as %s, which reaches Kling as bare base64', async (form, prefix) => {
    const { submit, pollUntil, sentToKling } = told;
    const picture = makePng({ width: 320, height: 320, text: form }).toString('base64');
    const { id } = await submit({ image: prefix + picture });
    const data = await pollUntil(id, ({ status }) => status === 'SUCCESS');
    expect(data).toMatchObject({ action: 'generate' });
    expect(sentToKling(id)).toMatchObject({ model_name: 'kling-v2-6', image: picture });
  });

  it('of a retired model is made by its successor', async () => {
    const { client, pollUntil, sentToKling } = told;
    const { data, response } = await client
      .post<{ id: string; model: string }>('/video/generations', {
        body: { model: 'kling/kling-v2-master', prompt: 'a boat' },
      })
      .withResponse();
    expect(data.model).toBe('kling/kling-v2-master');
    expect(response.headers.get('x-clear-resolved-model')).toBe('kling/kling-v2-5-turbo');
    await pollUntil(data.id, ({ status }) => status === 'SUCCESS');
    expect(sentToKling(data.id)).toMatchObject({ model_name: 'kling-v2-5-turbo' });
  });

  it('that Kling would not take never gets that far', async () => {
    const { submit, stack } = told;
    const refused = await submit({ metadata: { duration: 7 } }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(APIError);
    expect(refused).toMatchObject({ status: 400, code: 'invalid_request', param: 'metadata.duration' });
    expect(stack.kling.requests.map(({ body }) => body)).not.toContainEqual(expect.stringContaining('"7"'));
  });
});

describe('a video for which Kling has no slot', () => {
  it('can be cancelled while it waits, and is never made', async ({ onTestFinished }) => {
    const { client, stack, submit, receive } = await startJourney({ variables: {} });
    onTestFinished(stack.stop);
    stack.kling.behave({ slots: 0 });
    const receiver = await receive(onTestFinished);
    const { id } = await submit({ callback_url: receiver.url });
    await expect.poll(() => stack.kling.tally(id).asked).toBe(1);
    const cancel = () => client.post(`/video/generations/${id}/cancel`);
    // While it is asked for, the submission holds the task.
    const answer = await vi.waitFor(cancel, patience);
    expect(answer).toMatchObject({ data: { status: 'FAILURE', fail_reason: 'Cancelled by the caller.' } });
    expect(await receiver.nextEvent()).toMatchObject({ type: 'video.failed', data: { id } });
    await expect(cancel()).rejects.toMatchObject({ status: 409, code: 'task_not_cancellable' });
    expect(stack.kling.tally(id).made).toBe(0);
  });
});

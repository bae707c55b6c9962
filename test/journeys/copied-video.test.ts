import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Journey, startJourney } from '../support/journey.ts';

describe('a video in a deployment that copies results', () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await startJourney({ variables: { COPY_RESULTS: 'true' } });
  });
  afterAll(() => journey.stack.stop());

  const fetchVideo = async (link: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(link, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('video/mp4');
    return Buffer.from(await answer.arrayBuffer());
  };

  const klingsVideo = (id: string) => fetchVideo(`${journey.stack.kling.url}/results/${id}.mp4`);

  it('has a link of the gateway’s own, with Kling’s bytes behind it', async ({ onTestFinished }) => {
    const { stack, submit, receive, poll } = journey;
    const receiver = await receive(onTestFinished);
    const { id } = await submit({ callback_url: receiver.url });
    const event = await receiver.nextEvent();
    expect(event).toMatchObject({ type: 'video.completed', data: { id, status: 'SUCCESS' } });
    const link = event.data.result_url ?? '';
    expect(link.startsWith(`${stack.url}/files/${id.replace('task_', 'result_')}?expires=`)).toBe(true);
    expect((await poll(id)).data.result_url).toBe(link);
    const expected = await klingsVideo(id);
    expect((await fetchVideo(link)).equals(expected)).toBe(true);
    const content = `${stack.url}/v1/video/generations/${id}/content`;
    const throughContent = await fetchVideo(content, { authorization: `Bearer ${stack.apiKey}` });
    expect(throughContent.equals(expected)).toBe(true);
  });

  it('is copied in the end when its download breaks off and then finds nothing', async ({
    onTestFinished,
  }) => {
    const { stack, submit, receive } = journey;
    stack.kling.behave({ downloads: ['cut-off', 'missing'] });
    const receiver = await receive(onTestFinished);
    const { id } = await submit({ callback_url: receiver.url });
    const event = await receiver.nextEvent();
    expect(event).toMatchObject({ type: 'video.completed', data: { id, status: 'SUCCESS' } });
    expect((await fetchVideo(event.data.result_url ?? '')).equals(await klingsVideo(id))).toBe(true);
    expect(stack.kling.tally(id)).toEqual({ asked: 1, made: 1 });
  });
});

import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { useImageStack } from '../support/images.ts';

const stack = useImageStack();

const countStored = async (): Promise<number> => {
  const { Contents = [] } = await stack.bucket.send(
    new ListObjectsV2Command({ Bucket: stack.bucketName, Prefix: 'images/' }),
  );
  return Contents.length;
};

it('stores what was ordered although the caller has gone', async () => {
  const caller = new AbortController();
  const hasGone = Promise.withResolvers<void>();
  stack.openai.behave({ replies: [], until: hasGone.promise });
  const before = stack.openai.requests.length;
  const answer = stack.post({ model: 'openai/gpt-image-2', prompt: 'a mill', n: 2 }, {}, caller.signal);
  const gone = expect(answer).rejects.toThrow();
  await expect.poll(() => stack.openai.requests.length).toBe(before + 1);
  caller.abort();
  await gone;
  hasGone.resolve();
  await expect.poll(countStored).toBe(2);
});

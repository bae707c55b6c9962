import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { FakeImageProvider } from '../../local/fakes/image-server.ts';
import { startTestStack, type TestStack } from './stack.ts';

type ImageStack = {
  url: string;
  apiKey: string;
  callbackSecret: string;
  openai: FakeImageProvider;
  google: FakeImageProvider;
  xai: FakeImageProvider;
  /** Asks for images without any SDK. */
  post(body: object, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  bucket: S3Client;
  bucketName: string;
  /** How often any provider was asked so far. */
  countProviderCalls(): number;
};

/** The whole product with its fakes, for the tests of one file; each test finds the fakes in good health. */
export const useImageStack = (variables: Record<string, string> = {}): ImageStack => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ variables });
  });
  beforeEach(() => {
    for (const name of imageProviderNames) fake(name).behave({ replies: [] });
  });
  afterAll(() => stack.stop());

  const fake = (name: (typeof imageProviderNames)[number]): FakeImageProvider => {
    const running = stack.fakes[name];
    if (running === undefined) throw new Error(`the fake ${name} does not run`);
    return running;
  };
  return {
    get url() {
      return stack.url;
    },
    get apiKey() {
      return stack.apiKey;
    },
    get callbackSecret() {
      return stack.callbackSecret;
    },
    get bucket() {
      return stack.cloud.sdk.s3;
    },
    get bucketName() {
      return stack.cloud.bucketName;
    },
    get openai() {
      return fake('openai');
    },
    get google() {
      return fake('google');
    },
    get xai() {
      return fake('xai');
    },
    post: (body, headers = {}, signal = undefined) =>
      fetch(`${stack.url}/v1/images/generations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        ...(signal && { signal }),
      }),
    countProviderCalls: () => imageProviderNames.reduce((sum, name) => sum + fake(name).requests.length, 0),
  };
};

const imageProviderNames = ['openai', 'google', 'xai'] as const;

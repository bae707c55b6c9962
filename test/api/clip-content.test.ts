import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, expect, it } from 'vitest';
import { createAssetStore } from '../../lib/assets/asset-store.ts';
import { fileLinkPath } from '../../lib/assets/file-link.ts';
import type { Bucket } from '../../lib/aws/bucket.ts';
import { completeVideo } from '../../lib/tasks/settlement.ts';
import { aRunningTask } from '../support/a-task.ts';
import { createTestApi, linkSigningKey, type TestApi, testKey } from '../support/api.ts';

/** As much of a bucket as one file needs. */
const createMemoryBucket = (): Bucket => {
  const objects = new Map<string, Buffer>();
  const notAsked = () => Promise.reject(new Error('not asked for here'));
  return {
    putStream: async (key, chunks) => void objects.set(key, await buffer(Readable.from(chunks))),
    open: async (key) => {
      const found = objects.get(key);
      return (
        found && {
          headers: { 'content-type': 'video/mp4' },
          body: new Blob([new Uint8Array(found)]).stream(),
        }
      );
    },
    put: notAsked,
    get: notAsked,
    listKeys: notAsked,
    delete: notAsked,
    link: notAsked,
  };
};

let api: TestApi;
let taskId: string;
beforeEach(async () => {
  api = createTestApi({
    dependencies: {
      assets: createAssetStore(createMemoryBucket()),
      openResult: () => Promise.reject(new Error('the gateway called its own address')),
    },
  });
  const path = fileLinkPath('clip_stdx9x16x3s', api.clock.nowMs + 60_000, linkSigningKey);
  const task = aRunningTask({ workspaceId: 'ws_test', livemode: false });
  taskId = task.id;
  await api.tasks.create(completeVideo(task, `https://behind-a-firewall.example${path}`, api.clock.nowMs));
});

it.each(['/v1/video/generations', '/v1/videos'])(
  'the bytes of a test key’s video come from the gateway itself: %s',
  async (route) => {
    const answer = await api.get(`${route}/${taskId}/content?redirect=false`, {
      authorization: `Bearer ${testKey}`,
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
  },
);

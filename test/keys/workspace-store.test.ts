import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorkspaceStore, type WorkspaceStore } from '../../lib/keys/workspace-store.ts';
import { dayMs } from '../../lib/time.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { aWorkspace, noonMs } from '../support/keys.ts';

let cloud: TestCloud;
let workspaces: WorkspaceStore;
beforeAll(async () => {
  cloud = await startTestCloud();
  workspaces = createWorkspaceStore(cloud.table);
});
afterAll(() => cloud.stop());

test('a workspace is found as it was stored, and not stored over', async () => {
  const workspace = aWorkspace({ id: 'ws_stored', callbackHeaders: { 'X-Team': 'shop' } });
  expect(await workspaces.create(workspace)).toBe(true);
  expect(await workspaces.create(aWorkspace({ id: 'ws_stored' }))).toBe(false);
  expect(await workspaces.find('ws_stored')).toEqual(workspace);
  expect(await workspaces.find('ws_nobody')).toBeUndefined();
});

test('settings are set and returned to their defaults one by one', async () => {
  const workspace = aWorkspace({ id: 'ws_set', rateLimitPerMinute: 10 });
  await workspaces.create(workspace);
  expect(await workspaces.set('ws_set', { callbackUrl: 'https://shop.example/hook' })).toEqual({
    ...workspace,
    callbackUrl: 'https://shop.example/hook',
  });
  const { rateLimitPerMinute: _, ...rest } = workspace;
  expect(
    await workspaces.set('ws_set', {
      rateLimitPerMinute: undefined,
      callbackUrl: undefined,
      callbackHeaders: { 'X-Team': 'shop' },
    }),
  ).toEqual({ ...rest, callbackHeaders: { 'X-Team': 'shop' } });
});

test('no change is no write', async () => {
  const workspace = aWorkspace({ id: 'ws_unchanged' });
  await workspaces.create(workspace);
  expect(await workspaces.set('ws_unchanged', {})).toEqual(workspace);
});

test('setting something on a workspace that does not exist does not make it', async () => {
  expect(await workspaces.set('ws_missing', { rateLimitPerMinute: 5 })).toBeUndefined();
  expect(await workspaces.find('ws_missing')).toBeUndefined();
});

test('a rotated secret goes on signing for 24 hours beside the new one', async () => {
  const workspace = aWorkspace({ id: 'ws_rotated' });
  await workspaces.create(workspace);
  const rotated = (await workspaces.rotateCallbackSecret('ws_rotated', 'first', noonMs))?.workspace;
  expect(rotated?.callbackSecret).toMatch(/^whsec_/);
  expect(rotated?.callbackSecret).not.toBe(workspace.callbackSecret);
  expect(rotated?.previousCallbackSecret).toEqual({
    secret: workspace.callbackSecret,
    endsAtMs: noonMs + dayMs,
  });
  expect(await workspaces.find('ws_rotated')).toEqual(rotated);
});

test('two rotations at the same moment do not lose the secret that receivers know', async () => {
  const workspace = aWorkspace({ id: 'ws_raced' });
  await workspaces.create(workspace);
  // Both read before either writes: what two clicks on "rotate" do.
  const [one, other] = await Promise.all([
    workspaces.rotateCallbackSecret('ws_raced', 'one', noonMs),
    workspaces.rotateCallbackSecret('ws_raced', 'other', noonMs),
  ]);
  expect(one?.workspace.previousCallbackSecret?.secret).toBe(workspace.callbackSecret);
  expect(other).toEqual(one);
});

test('of rotations at the same moment, a repeat of any makes none anew', async () => {
  const known = aWorkspace({ id: 'ws_raced_again' });
  await workspaces.create(known);
  const ids = ['one', 'other', 'third'];
  await Promise.all(ids.map((id) => workspaces.rotateCallbackSecret(known.id, id, noonMs)));
  const raced = await workspaces.find(known.id);
  expect(raced?.previousCallbackSecret?.secret).toBe(known.callbackSecret);
  for (const id of ids)
    expect(await workspaces.rotateCallbackSecret(known.id, id, noonMs)).toEqual({
      workspace: raced,
      isReplay: true,
    });
});

test('a rotation that took place is not made again', async () => {
  await workspaces.create(aWorkspace({ id: 'ws_repeated' }));
  const first = await workspaces.rotateCallbackSecret('ws_repeated', 'one', noonMs);
  const other = await workspaces.rotateCallbackSecret('ws_repeated', 'other', noonMs + 1);
  expect(first?.isReplay).toBe(false);
  const repeat = await workspaces.rotateCallbackSecret('ws_repeated', 'one', noonMs + 2);
  expect(repeat).toEqual({ workspace: other?.workspace, isReplay: true });
});

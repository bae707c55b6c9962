import { expect, test } from 'vitest';
import { createInFlightLimit } from '../../lib/keys/in-flight-limit.ts';
import type { Workspace } from '../../lib/keys/workspace.ts';
import { secondMs } from '../../lib/time.ts';
import { aWorkspace, noonMs } from '../support/keys.ts';

const setUp = (workspace: Workspace | undefined) => {
  const clock = { nowMs: noonMs };
  const state = { workspace, reads: 0 };
  const find = async () => {
    state.reads += 1;
    return state.workspace;
  };
  const limitOf = createInFlightLimit({ workspaces: { find }, now: () => clock.nowMs });
  return { clock, state, limitOf };
};

test.each([
  ['with a limit', aWorkspace({ maxInFlight: 3 }), 3],
  ['without one', aWorkspace(), undefined],
  ['that is gone', undefined, undefined],
])('a workspace %s is read once in ten seconds', async (_, workspace, limit) => {
  const { clock, state, limitOf } = setUp(workspace);
  expect(await limitOf('ws_example')).toBe(limit);
  clock.nowMs += 10 * secondMs - 1;
  expect(await limitOf('ws_example')).toBe(limit);
  expect(state.reads).toBe(1);
});

test("an operator's change is known ten seconds later", async () => {
  const { clock, state, limitOf } = setUp(aWorkspace({ maxInFlight: 3 }));
  await limitOf('ws_example');
  state.workspace = aWorkspace({ maxInFlight: 5 });
  clock.nowMs += 10 * secondMs;
  expect(await limitOf('ws_example')).toBe(5);
});

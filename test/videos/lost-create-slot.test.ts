import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultDueShards } from '../../lib/limits.ts';
import type { FindOutcome, StartOutcome } from '../../lib/providers/provider.ts';
import { minuteMs } from '../../lib/time.ts';
import { openAccounts } from '../../lib/usage/accounts.ts';
import { createConnectedTasks } from '../../lib/videos/connected-tasks.ts';
import { createSubmitVideo } from '../../lib/videos/submit-video.ts';
import { aTask, startMs } from '../support/a-task.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { createRecordedWakeUps } from '../support/recorded-wake-ups.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';
import { silentLog } from '../support/silent-log.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

const operation = { action: 'textGenerate', id: '867283741759111202' } as const;
const unclear: StartOutcome = { status: 'unclear', detail: 'timed out' };
const notFound: FindOutcome = { status: 'not-found' };
const found: FindOutcome = { status: 'found', operation, state: { status: 'running' } };

/** A workspace that may have one video in flight orders two. */
const twoTasks = async (workspaceId: string, start: StartOutcome[], find: FindOutcome[]) => {
  const { table } = cloud;
  const { wakeUps } = createRecordedWakeUps();
  const clock = { nowMs: startMs };
  const given = {
    table,
    wakeUps,
    now: () => clock.nowMs,
    random: () => 0.5,
    log: silentLog,
    dueShards: defaultDueShards,
  };
  const connect = () => createConnectedTasks({ ...given, ...openAccounts(table, given.now) });
  const { tasks } = connect();
  const { provider, starts } = createScriptedProvider({ start, find });
  const submit = async (taskId: string) => {
    // A worker of its own, which remembers nothing of what others read.
    const submitVideo = createSubmitVideo({
      ...given,
      ...connect(),
      providerOf: () => provider,
      maxInFlight: async () => 1,
      webhookUrlFor: () => undefined,
      discardInputs: async () => {},
      copiesResults: false,
    });
    await submitVideo(taskId);
  };
  const [first, second] = ['first', 'second'].map((name) => `task_${workspaceId}_${name}`) as [
    string,
    string,
  ];
  for (const id of [first, second])
    await tasks.create(aTask({ id, workspaceId, resolvedModel: `kling/${workspaceId}` }));
  const sentTo = () => starts.map(({ taskId }) => taskId);
  return {
    clock,
    submit,
    first,
    second,
    sentTo,
    stateOf: async (id: string) => (await tasks.find(id))?.state,
  };
};

it.each<[string, StartOutcome]>([
  ['busy', { status: 'busy', reason: 'full', detail: '1303' }],
  ['out of credit', { status: 'operator-fault', detail: '1102' }],
])(
  'a task whose lost create may yet arrive keeps its slot when the provider is %s',
  async (name, refusal) => {
    const workspaceId = `ws_${name.replaceAll(' ', '_')}`;
    const world = await twoTasks(workspaceId, [unclear, refusal], [notFound, found]);
    const { clock, submit, first, second, sentTo, stateOf } = world;
    await submit(first);
    clock.nowMs += minuteMs;
    await submit(first);
    await submit(second);
    expect(sentTo()).toEqual([first, first]);
    // The first create arrived after all.
    clock.nowMs += 10 * minuteMs;
    await submit(first);
    expect(await stateOf(first)).toBe('running');
    await submit(second);
    expect(sentTo()).toEqual([first, first]);
  },
);

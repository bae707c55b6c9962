import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { tableName } from '../../local/cloud/layout.ts';
import type { WholeGateway } from './whole-gateway.ts';

type Times = { createdAtMs: number; endedAtMs: number; render: { submittedAtMs: number } };

const timesOf = async ({ cloud }: WholeGateway, taskIds: string[]): Promise<Map<string, Times>> => {
  const times = new Map<string, Times>();
  for (let first = 0; first < taskIds.length; first += 100) {
    const Keys = taskIds.slice(first, first + 100).map((id) => ({ pk: `TASK#${id}`, sk: 'TASK' }));
    const { Responses } = await cloud.sdk.dynamoDb.send(
      new BatchGetCommand({ RequestItems: { [tableName]: { Keys } } }),
    );
    for (const item of Responses?.[tableName] ?? [])
      if (item['result']?.status === 'SUCCESS') times.set(String(item['id']), item as Times);
  }
  return times;
};

/** How long each task waited for what, in milliseconds, and what must be 0. */
export const waitsOf = async (gateway: WholeGateway, taskIds: string[], renderSeconds: number) => {
  const { arrivals, askedTwice } = await gateway.all();
  const heardAtMs = new Map(arrivals);
  const ended = [...(await timesOf(gateway, taskIds))].flatMap(([id, times]) => {
    const atMs = heardAtMs.get(id);
    return atMs === undefined ? [] : [{ ...times, heardAtMs: atMs }];
  });
  return {
    toSubmission: ended.map(({ createdAtMs, render }) => render.submittedAtMs - createdAtMs),
    toNotice: ended.map(({ endedAtMs, render }) => endedAtMs - render.submittedAtMs - renderSeconds * 1_000),
    toCallback: ended.map(({ endedAtMs, heardAtMs }) => heardAtMs - endedAtMs),
    lost: taskIds.length - ended.length,
    askedTwice,
  };
};

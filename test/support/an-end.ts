import type { Table } from '../../lib/aws/table.ts';
import { createDynamoTaskStore } from '../../lib/tasks/dynamo-task-store.ts';
import { failTask } from '../../lib/tasks/settlement.ts';
import { newTaskId } from '../../lib/tasks/task-id.ts';
import { aTask } from './a-task.ts';

/** Stores a task of a workspace that has failed just now, without any callback. Answers its id. */
export const storeAnEnd = async (table: Table, workspaceId: string): Promise<string> => {
  const id = newTaskId();
  const nowMs = Date.now();
  const task = aTask({ id, workspaceId, createdAtMs: nowMs, expiresAtSeconds: nowMs / 1_000 + 3_600 });
  await createDynamoTaskStore(table, Date.now).create(
    failTask(task, { code: 'refused', reason: 'no' }, nowMs),
  );
  return id;
};

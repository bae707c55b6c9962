import type { Workspace } from '../keys/workspace.ts';
import { hasMagicWord } from '../sandbox/magic-prompts.ts';
import type { Task } from '../tasks/task.ts';

/** What a new task has from the workspace that it belongs to. `prompt` may ask for more only with a test key. */
export const ownershipOf = (
  { id, livemode }: Workspace,
  prompt: string,
): Pick<Task, 'workspaceId' | 'livemode' | 'fastRetries'> => ({
  workspaceId: id,
  livemode,
  ...(!livemode && hasMagicWord(prompt, 'fast-retries') && { fastRetries: true }),
});

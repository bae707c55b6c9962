import type { Workspace } from '../keys/workspace.ts';
import { hasMagicWord } from '../sandbox/magic-prompts.ts';
import type { Task } from '../tasks/task.ts';

export type Owner = { workspace: Workspace; keyName: string };

/** What a new task has from whoever asks for it. `prompt` may ask for more only with a test key. */
export const ownershipOf = (
  { workspace: { id, livemode }, keyName }: Owner,
  prompt: string,
): Pick<Task, 'workspaceId' | 'livemode' | 'keyName' | 'fastRetries'> => ({
  workspaceId: id,
  livemode,
  keyName,
  ...(!livemode && hasMagicWord(prompt, 'fast-retries') && { fastRetries: true }),
});

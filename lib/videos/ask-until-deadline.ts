import { ConfigError } from '../config.ts';
import type { Task } from '../tasks/task.ts';
import type { Clock } from '../time.ts';

/**
 * What the provider of a task answers. Where there is no account with it, the task waits for one until its deadline, and ends
 * then like one that nobody answers for.
 */
export const askUntilDeadline = async <Answer>(
  { deadlineAtMs }: Pick<Task, 'deadlineAtMs'>,
  now: Clock,
  ask: () => Promise<Answer>,
): Promise<Answer | { status: 'operator-fault'; detail: string }> => {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ConfigError) || now() < deadlineAtMs) throw error;
    return { status: 'operator-fault', detail: error.message };
  }
};

import type { Log } from '../log.ts';
import type { Clock } from '../time.ts';
import { decideNews, type NewsDecision, type PushNews } from './polling.ts';
import type { TaskStore } from './task-store.ts';
import type { WakeUps } from './wake-ups.ts';

export type HearPushDependencies = {
  tasks: Pick<TaskStore, 'change'>;
  wakeUps: Pick<WakeUps, 'poll'>;
  now: Clock;
};

/**
 * Takes a provider's push of a task: `news` where it says that the task is under way, `undefined` for all else it may
 * say. Whatever needs a look at the provider becomes one.
 */
export const createHearPush = ({ tasks, wakeUps, now }: HearPushDependencies) => {
  const needsLook = async (taskId: string, news: PushNews, log: Log): Promise<boolean> => {
    const decided: { decision: NewsDecision } = { decision: { do: 'nothing' } };
    try {
      await tasks.change(taskId, (task) => {
        decided.decision = decideNews(task, news, now());
        return decided.decision.do === 'record' ? decided.decision.task : undefined;
      });
      return decided.decision.do === 'ask';
    } catch (error) {
      log.warn('what a push said was not recorded, the provider is asked instead', { taskId, error });
      return true;
    }
  };

  return async (taskId: string, news: PushNews | undefined, log: Log): Promise<void> => {
    if (news === undefined) await wakeUps.poll({ taskId, mayTellEnd: true });
    else if (await needsLook(taskId, news, log)) await wakeUps.poll({ taskId });
  };
};

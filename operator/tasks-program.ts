import type { Program } from './command-line.ts';
import { failTask, listTasks, requeueTask, showTask } from './task-commands.ts';

export const tasksProgram: Program = {
  name: 'tasks',
  purpose: 'Shows the tasks of a gateway, and helps single ones on.',
  subcommands: { show: showTask, list: listTasks, requeue: requeueTask, fail: failTask },
};

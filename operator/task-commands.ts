import { nextDue } from '../lib/tasks/due.ts';
import { requestRedelivery } from '../lib/tasks/redelivery.ts';
import { failTask as endAsFailed } from '../lib/tasks/settlement.ts';
import { isEnded, type Task } from '../lib/tasks/task.ts';
import { statusOf, taskStatuses } from '../lib/tasks/task-status.ts';
import { wakeStep } from '../lib/tasks/wake-ups.ts';
import { withNextPoll } from '../lib/videos/polling.ts';
import type { Answer, Subcommand } from './command-line.ts';
import { connectTasks } from './connect-tasks.ts';
import { summariseTask } from './task-summary.ts';
import { textTable, textTime } from './text-table.ts';
import { UsageError } from './usage-error.ts';

const operand = 'a task id, such as task_0123…';

const answerWith = (task: Task, nowMs: number, introduction?: string): Answer => {
  const summary = summariseTask(task, nowMs);
  const table = textTable(
    Object.entries(summary).map(([name, value]) => [name.replaceAll('_', ' '), `${value ?? '-'}`]),
  );
  return { text: introduction === undefined ? table : `${introduction}\n\n${table}`, data: summary };
};

const noSuchTask = (taskId: string) =>
  new Error(`There is no task ${taskId}. It may have expired, or belong to another gateway.`);

export const showTask: Subcommand = {
  usage: 'show <task id>',
  summary: 'show a task as it is stored, without its prompt, pictures and links',
  operand,
  async run(deployment, { operand: taskId }, nowMs) {
    const task = await connectTasks(deployment, nowMs).tasks.find(taskId);
    if (!task) throw noSuchTask(taskId);
    return answerWith(task, nowMs);
  },
};

const readStatus = (text: string | undefined) => {
  const status = taskStatuses.find((known) => known === text);
  if (text !== undefined && status === undefined)
    throw new UsageError(`--status must be one of ${taskStatuses.join(', ')}.`);
  return status;
};

const readLimit = (text = '20'): number => {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError('--limit must be a number from 1 to 999.');
  return Number(text);
};

export const listTasks: Subcommand = {
  usage: 'list --workspace <id> [--status <status>] [--limit <n>]',
  summary: "show a workspace's newest tasks, 20 unless told otherwise",
  options: ['workspace', 'status', 'limit'],
  async run(deployment, given, nowMs) {
    const status = readStatus(given.value('status'));
    const { tasks } = await connectTasks(deployment, nowMs).tasks.list({
      workspaceId: given.needed('workspace'),
      limit: readLimit(given.value('limit')),
      ...(status !== undefined && { status }),
    });
    const rows = tasks.map((task) => [
      task.id,
      statusOf(task),
      task.model,
      textTime(task.createdAtMs),
      task.delivery?.state ?? '-',
    ]);
    return {
      text:
        rows.length === 0
          ? 'There are no such tasks.'
          : textTable([['TASK', 'STATUS', 'MODEL', 'CREATED', 'EVENT'], ...rows]),
      data: tasks.map((task) => summariseTask(task, nowMs)),
    };
  },
};

/** Makes what is next for the task due now. It stays what it is: a submission that may have been made is looked up. */
const makeDue = (task: Task, nowMs: number): Task | undefined => {
  const step = nextDue(task)?.step;
  if (step === undefined) return undefined;
  if (step === 'deliver') return requestRedelivery(task, undefined, nowMs);
  if (task.state === 'running') return withNextPoll(task, nowMs);
  return 'notBeforeMs' in task ? { ...task, notBeforeMs: nowMs } : { ...task };
};

export const requeueTask: Subcommand = {
  usage: 'requeue <task id>',
  summary:
    'wake what is next for a task: its submission, a poll, or the delivery of its event. Never submits twice',
  operand,
  async run(deployment, { operand: taskId }, nowMs) {
    const { tasks, wakeUps } = connectTasks(deployment, nowMs);
    const change = await tasks.change(taskId, (task) => makeDue(task, nowMs));
    if (!change.task) throw noSuchTask(taskId);
    if (!change.changed)
      throw new Error(`There is nothing left to do for ${taskId}: it is ${statusOf(change.task)}.`);
    const step = nextDue(change.task)?.step;
    if (step !== undefined) await wakeStep(wakeUps, change.task, step);
    return answerWith(change.task, nowMs, `Woken: ${step}.`);
  },
};

export const failTask: Subcommand = {
  usage: 'fail <task id> --reason <text>',
  summary:
    'end a task that has not ended. The caller sees the reason; a render under way goes on at the provider',
  operand,
  options: ['reason'],
  async run(deployment, given, nowMs) {
    const reason = given.needed('reason');
    const change = await connectTasks(deployment, nowMs).tasks.change(given.operand, (task) =>
      isEnded(task) ? undefined : endAsFailed(task, { code: 'failed_by_operator', reason }, nowMs),
    );
    if (!change.task) throw noSuchTask(given.operand);
    if (!change.changed)
      throw new Error(`${given.operand} has already ended: it is ${statusOf(change.task)}.`);
    return answerWith(change.task, nowMs, 'Failed.');
  },
};

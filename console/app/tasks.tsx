import { useEffect, useState } from 'preact/hooks';
import { retryAfterSeconds } from './api.ts';
import { useGateway } from './context.ts';
import { dollars } from './format.ts';
import { CallbackBadge, Choice, Empty, Form, Heading, Loading, Status, statuses, Time } from './parts.tsx';
import { goTo } from './route.ts';
import { type Column, Table } from './table.tsx';
import { usePolled } from './use-polled.ts';
import { hasEnded, type Page, type Task } from './wire.ts';

const pageSize = 20;
const periods = [
  { value: '1h', text: 'Last hour', seconds: 3_600 },
  { value: '1d', text: 'Last 24 hours', seconds: 86_400 },
  { value: '7d', text: 'Last 7 days', seconds: 604_800 },
] as const;

/** A page is asked for more often while something on it moves. */
const againInSeconds = (tasks: readonly Task[]): number => (tasks.every(hasEnded) ? 15 : 4);

export const TasksScreen = ({ query }: { query: URLSearchParams }) => {
  const { api, features } = useGateway();
  const status = query.get('status') ?? '';
  const period = query.get('period') ?? '';
  const [cursors, setCursors] = useState<string[]>([]);
  useEffect(() => setCursors([]), [status, period]);
  const after = cursors.at(-1);

  const list = usePolled(`${status} ${period} ${after}`, async () => {
    const seconds = periods.find(({ value }) => value === period)?.seconds;
    const given = {
      limit: String(pageSize),
      status,
      after,
      since: seconds && String(Math.floor(Date.now() / 1_000) - seconds),
    };
    const present = Object.entries(given).flatMap(([name, value]) => (value ? [[name, value]] : []));
    const { body, headers } = await api<Page<Task>>(`/v1/video/generations?${new URLSearchParams(present)}`);
    return { value: body, againInSeconds: retryAfterSeconds(headers) ?? againInSeconds(body.data) };
  });
  const page = list.value;
  const isFiltered = status !== '' || period !== '' || after !== undefined;

  return (
    <>
      <Heading title="Tasks">Tasks</Heading>
      <div class="bar">
        <Choice
          label="Status"
          value={status}
          choices={[{ value: '', text: 'All' }, ...statuses]}
          onPick={(picked) => goTo('tasks', { status: picked, period })}
        />
        {features.canFilterByTime && (
          <Choice
            label="Time"
            value={period}
            choices={[{ value: '', text: 'Any' }, ...periods]}
            onPick={(picked) => goTo('tasks', { status, period: picked })}
          />
        )}
        <FindTask />
      </div>
      <Loading value={page} error={list.error} />
      {page?.data.length === 0 && <NoTasks isFiltered={isFiltered} />}
      {page !== undefined && page.data.length > 0 && <TaskTable tasks={page.data} />}
      {page !== undefined && (after !== undefined || page.has_more) && (
        <nav class="pages" aria-label="Pages">
          <button
            type="button"
            disabled={after === undefined}
            onClick={() => setCursors(cursors.slice(0, -1))}
          >
            Newer
          </button>
          <span class="quiet">Page {cursors.length + 1}</span>
          <button
            type="button"
            disabled={!page.has_more || page.last_id === null}
            onClick={() => page.last_id !== null && setCursors([...cursors, page.last_id])}
          >
            Older
          </button>
        </nav>
      )}
    </>
  );
};

const FindTask = () => {
  const [id, setId] = useState('');
  return (
    <Form
      class="find"
      onSubmit={() => {
        if (id.trim() !== '') goTo(`tasks/${encodeURIComponent(id.trim())}`);
      }}
    >
      <label>
        Task id
        <input
          type="search"
          placeholder="task_…"
          value={id}
          onInput={({ currentTarget }) => setId(currentTarget.value)}
        />
      </label>
      <button type="submit">Find</button>
    </Form>
  );
};

const NoTasks = ({ isFiltered }: { isFiltered: boolean }) => (
  <Empty>
    {isFiltered ? (
      <>
        <p>No task fits this filter.</p>
        <a href="#/tasks">Show all tasks</a>
      </>
    ) : (
      <>
        <p>Your workspace has no tasks yet.</p>
        <a href="#/playground">Make a first video in the playground</a>
      </>
    )}
  </Empty>
);

const columns: readonly Column<Task>[] = [
  {
    name: 'Task',
    show: ({ task_id: taskId }) => (
      <a href={`#/tasks/${taskId}`} title={taskId}>
        <code>{taskId.slice(0, 13)}…</code>
      </a>
    ),
  },
  {
    name: 'Status',
    show: (task) => (
      <>
        <Status status={task.status} />
        {!hasEnded(task) && <span class="quiet number"> {task.progress}</span>}
        {task.fail_reason !== undefined && <p class="reason">{task.fail_reason}</p>}
      </>
    ),
  },
  { name: 'Model', show: ({ model }) => model },
  { name: 'Submitted', show: ({ submit_time: submittedAt }) => <Time at={submittedAt} /> },
  { name: 'Callback', show: ({ callback }) => <CallbackBadge state={callback?.state ?? 'none'} /> },
];
const cost: Column<Task> = {
  name: 'Cost',
  isNumber: true,
  show: ({ usage }) => (usage ? dollars(usage.cost_usd) : '–'),
};

const TaskTable = ({ tasks }: { tasks: readonly Task[] }) => {
  const hasCost = tasks.some(({ usage }) => usage);
  return (
    <Table
      label="Tasks"
      rows={tasks}
      columns={hasCost ? [...columns, cost] : columns}
      keyOf={({ task_id: id }) => id}
    />
  );
};

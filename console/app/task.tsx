import { retryAfterSeconds } from './api.ts';
import { useGateway } from './context.ts';
import { Deliveries } from './deliveries.tsx';
import { dollars, duration } from './format.ts';
import { Results } from './media.tsx';
import { CopyButton, ErrorNote, Heading, Loading, Status, Time, useAction, Warnings } from './parts.tsx';
import { usePolled } from './use-polled.ts';
import { hasEnded, type Task, taskPath } from './wire.ts';

/** Followed until the task has ended and its callback is settled. */
const isSettled = (task: Task): boolean =>
  hasEnded(task) && !['pending', 'retrying'].includes(task.callback?.state ?? 'none');

export const useTask = (taskId: string) => {
  const { api } = useGateway();
  return usePolled(taskId, async () => {
    const { body, headers } = await api<{ data: Task }>(taskPath(taskId));
    return {
      value: body.data,
      againInSeconds: isSettled(body.data) ? undefined : Math.min(retryAfterSeconds(headers) ?? 5, 15),
    };
  });
};

export const TaskScreen = ({ taskId }: { taskId: string }) => {
  const { value: task, error, reload } = useTask(taskId);
  return (
    <>
      <p class="crumb">
        <a href="#/tasks">← All tasks</a>
      </p>
      <Heading title={taskId}>
        Task <code class="id">{taskId}</code> <CopyButton text={taskId} what="the task id" />
      </Heading>
      <Loading value={task} error={error} />
      {task !== undefined && (
        <>
          <Progress task={task} onChanged={reload} />
          <div class="columns">
            <section aria-label="Result">
              <Warnings warnings={task.warnings} />
              <Results task={task} />
              {task.status !== 'SUCCESS' && <NoResult task={task} />}
            </section>
            <Facts task={task} />
          </div>
          <Deliveries task={task} onChanged={reload} />
        </>
      )}
    </>
  );
};

const NoResult = ({ task }: { task: Task }) =>
  task.status === 'FAILURE' ? (
    <div class="note bad">
      <h2>Why there is no result</h2>
      <p>{task.fail_reason ?? 'No reason was given.'}</p>
    </div>
  ) : (
    <div class="empty">
      <p>The result appears here when it is ready. This page looks by itself.</p>
    </div>
  );

export const Progress = ({ task, onChanged }: { task: Task; onChanged(): void }) => {
  const { api } = useGateway();
  const { run, isBusy, error } = useAction(async () => {
    await api(`${taskPath(task.task_id)}/cancel`, { method: 'POST' });
    onChanged();
  });
  return (
    <div class="card progress-card">
      <div class="bar" aria-live="polite">
        <Status status={task.status} />
        {!hasEnded(task) && (
          <progress value={Number.parseInt(task.progress, 10) || 0} max={100} aria-label="Progress" />
        )}
        {!hasEnded(task) && <span class="number">{task.progress}</span>}
        {task.queue_position !== undefined && (
          <span>
            Position {task.queue_position} in the queue
            {task.estimated_start !== undefined && (
              <>
                , starts about <Time at={task.estimated_start} />
              </>
            )}
          </span>
        )}
        {task.status === 'NOT_START' && (
          <button type="button" disabled={isBusy} onClick={run}>
            Cancel
          </button>
        )}
      </div>
      <ErrorNote error={error} />
    </div>
  );
};

const shownElsewhere = new Set([
  'id',
  'task_id',
  'object',
  'model',
  'action',
  'status',
  'progress',
  'result_url',
  'fail_reason',
  'submit_time',
  'start_time',
  'finish_time',
  'queue_position',
  'estimated_start',
]);

/** What a newer gateway tells beside that which this page knows. */
const furtherFacts = (task: Task): [string, string][] =>
  Object.entries(task)
    .filter(
      ([name, value]) => !shownElsewhere.has(name) && ['string', 'number', 'boolean'].includes(typeof value),
    )
    .map(([name, value]) => [name.replaceAll('_', ' '), String(value)]);

const Facts = ({ task }: { task: Task }) => {
  const { submit_time: submitted, start_time: started, finish_time: finished, usage } = task;
  return (
    <section class="card" aria-labelledby="facts">
      <h2 id="facts">Request</h2>
      <dl>
        <dt>Model</dt>
        <dd>{task.model}</dd>
        <dt>Action</dt>
        <dd>{task.action}</dd>
        <dt>Submitted</dt>
        <dd>
          <Time at={submitted} />
        </dd>
        {started > 0 && (
          <>
            <dt>Started</dt>
            <dd>
              <Time at={started} />
            </dd>
          </>
        )}
        {finished > 0 && (
          <>
            <dt>Ended</dt>
            <dd>
              <Time at={finished} />, after {duration(finished - submitted)}
            </dd>
          </>
        )}
        {usage && (
          <>
            <dt>Cost</dt>
            <dd class="number">
              {dollars(usage.cost_usd)}
              {usage.source === 'price_list' && <span class="quiet"> by the price list</span>}
              {usage.source === 'provider' && <span class="quiet"> as the provider says</span>}
            </dd>
          </>
        )}
        {furtherFacts(task).map(([name, value]) => (
          <>
            <dt class="first-upper">{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </section>
  );
};

import { useState } from 'preact/hooks';
import { useGateway } from './context.ts';
import { milliseconds } from './format.ts';
import { CallbackBadge, Empty, ErrorNote, Time, useAction } from './parts.tsx';
import { type Column, Table } from './table.tsx';
import { usePolled } from './use-polled.ts';
import { type Attempt, type Durations, hasEnded, type Page, type Task, taskPath } from './wire.ts';

type Props = { task: Task; onChanged(): void };

/** Whether the client was told of a task, attempt by attempt. */
export const Deliveries = ({ task, onChanged }: Props) => {
  const { api } = useGateway();
  const path = `${taskPath(task.task_id)}/deliveries`;
  const callback = task.callback;
  const hasCallback = callback !== undefined && callback.state !== 'none';
  const [newestBefore, setNewestBefore] = useState<string>();
  // Read anew whenever the task says that something was sent, and until what was asked for by hand is there.
  const log = usePolled(`${task.task_id} ${callback?.state} ${callback?.attempts}`, async () => {
    const { body } = await api<Page<Attempt>>(`${path}?limit=50`);
    const isAwaited = (body.data[0]?.id ?? '') === newestBefore;
    return { value: body, againInSeconds: isAwaited ? 1 : undefined };
  });
  const attempts = log.value?.data ?? [];
  const { run, isBusy, error } = useAction(async () => {
    await api(path, { method: 'POST' });
    setNewestBefore(attempts[0]?.id ?? '');
    onChanged();
    log.reload();
  });
  return (
    <section aria-labelledby="deliveries">
      <div class="bar">
        <h2 id="deliveries">Callback</h2>
        <CallbackBadge state={callback?.state ?? 'none'} />
        {callback?.next_attempt_at && (
          <span>
            next attempt <Time at={callback.next_attempt_at} />
          </span>
        )}
        {hasCallback && hasEnded(task) && (
          <button type="button" disabled={isBusy} onClick={run}>
            {isBusy ? 'Sending…' : 'Send again'}
          </button>
        )}
      </div>
      <ErrorNote error={error ?? log.error} />
      {log.value !== undefined && attempts.length === 0 && (
        <Empty>
          {hasCallback ? (
            <p>Nothing has been sent yet. Each attempt is listed here, with what the receiver answered.</p>
          ) : (
            <p>
              This task has no callback URL, so nobody is told. Give <code>callback_url</code> with the
              request to be called when it ends.
            </p>
          )}
        </Empty>
      )}
      {attempts.length > 0 && (
        <Table label="Attempts" rows={attempts} columns={columns} keyOf={({ id }) => id} />
      )}
      {log.value?.has_more && <p class="quiet">Older attempts: GET {path}</p>}
    </section>
  );
};

const columns: readonly Column<Attempt>[] = [
  { name: 'When', show: ({ started_at: startedAt }) => <Time at={startedAt} /> },
  { name: 'Event', title: ({ event_id: eventId }) => eventId, show: ({ type }) => type },
  {
    name: 'Attempt',
    show: ({ trigger, attempt }) => (trigger === 'manual' ? 'by hand' : (attempt ?? '–')),
  },
  {
    name: 'Outcome',
    show: ({ outcome, status_code: statusCode, cause }) => (
      <>
        <span class={`badge ${outcome === 'delivered' ? 'good' : 'bad'}`}>{outcome}</span>
        {statusCode !== null && <span class="number"> {statusCode}</span>}
        {cause !== null && <p class="reason">{cause}</p>}
      </>
    ),
  },
  {
    name: 'Took',
    isNumber: true,
    show: ({ durations_ms: durations }) => (
      <>
        {milliseconds(durations.total)}
        <p class="hint">{durationParts(durations)}</p>
      </>
    ),
  },
  { name: 'Next', show: ({ next_attempt_at: nextAt }) => (nextAt === null ? '–' : <Time at={nextAt} />) },
];

/** Where the time went: name, connection, TLS, first byte. */
export const durationParts = ({ total: _total, ...parts }: Durations): string =>
  Object.entries(parts)
    .flatMap(([name, ms]) => (ms === null ? [] : [`${name.replace('_', ' ')} ${milliseconds(ms)}`]))
    .join(', ');

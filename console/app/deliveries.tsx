import { useState } from 'preact/hooks';
import { useGateway } from './context.ts';
import { milliseconds } from './format.ts';
import { CallbackBadge, Empty, ErrorNote, Time, useAction } from './parts.tsx';
import { usePolled } from './use-polled.ts';
import { type Attempt, type Durations, hasEnded, type Page, type Task } from './wire.ts';

type Props = { task: Task; onChanged(): void };

/** Whether the client was told of a task, attempt by attempt. */
export const Deliveries = ({ task, onChanged }: Props) => {
  const { api } = useGateway();
  const path = `/v1/video/generations/${encodeURIComponent(task.task_id)}/deliveries`;
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
      {attempts.length > 0 && <AttemptTable attempts={attempts} />}
      {log.value?.has_more && <p class="quiet">Older attempts: GET {path}</p>}
    </section>
  );
};

const AttemptTable = ({ attempts }: { attempts: readonly Attempt[] }) => (
  <table class="attempts">
    <thead>
      <tr>
        <th scope="col">When</th>
        <th scope="col">Event</th>
        <th scope="col">Attempt</th>
        <th scope="col">Outcome</th>
        <th scope="col">Took</th>
        <th scope="col">Next</th>
      </tr>
    </thead>
    <tbody>
      {attempts.map((attempt) => (
        <tr key={attempt.id}>
          <td data-label="When">
            <Time at={attempt.started_at} />
          </td>
          <td data-label="Event" title={attempt.event_id}>
            {attempt.type}
          </td>
          <td data-label="Attempt">{attempt.trigger === 'manual' ? 'by hand' : (attempt.attempt ?? '–')}</td>
          <td data-label="Outcome">
            <span class={`badge ${attempt.outcome === 'delivered' ? 'good' : 'bad'}`}>{attempt.outcome}</span>
            {attempt.status_code !== null && <span class="number"> {attempt.status_code}</span>}
            {attempt.cause !== null && <p class="reason">{attempt.cause}</p>}
          </td>
          <td data-label="Took" class="number">
            {milliseconds(attempt.durations_ms.total)}
            <p class="hint">{durationParts(attempt.durations_ms)}</p>
          </td>
          <td data-label="Next">
            {attempt.next_attempt_at === null ? '–' : <Time at={attempt.next_attempt_at} />}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** Where the time went: name, connection, TLS, first byte. */
export const durationParts = ({ total: _total, ...parts }: Durations): string =>
  Object.entries(parts)
    .flatMap(([name, ms]) => (ms === null ? [] : [`${name.replace('_', ' ')} ${milliseconds(ms)}`]))
    .join(', ');

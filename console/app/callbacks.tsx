import { useState } from 'preact/hooks';
import { useGateway } from './context.ts';
import { durationParts } from './deliveries.tsx';
import { exactTime, milliseconds } from './format.ts';
import { Choice, CopyButton, ErrorNote, Form, Heading, Time, useAction } from './parts.tsx';
import type { Durations } from './wire.ts';

export const CallbacksScreen = () => {
  const { features } = useGateway();
  return (
    <>
      <Heading title="Callbacks">Callbacks</Heading>
      <div class="columns">
        <TestUrl />
        <Secret />
        {features.canRecover && <Recover />}
      </div>
    </>
  );
};

type TestResult = {
  delivered: boolean;
  status_code: number | null;
  cause: string | null;
  durations_ms: Durations;
};

const TestUrl = () => {
  const { api } = useGateway();
  const [url, setUrl] = useState('');
  const [result, setResult] = useState<TestResult>();
  const { run, isBusy, error } = useAction(async () => {
    setResult(undefined);
    const { body } = await api<TestResult>('/v1/callbacks/test', { method: 'POST', body: { url } });
    setResult(body);
  });
  return (
    <section class="card" aria-labelledby="test">
      <h2 id="test">Test a receiver</h2>
      <p class="quiet">Sends one signed event of type callback.test and shows what came back.</p>
      <Form onSubmit={run}>
        <label>
          Callback URL
          <input
            type="url"
            required
            placeholder="https://hooks.example.com/clearmaas"
            value={url}
            onInput={({ currentTarget }) => setUrl(currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={isBusy}>
          {isBusy ? 'Sending…' : 'Send a test event'}
        </button>
      </Form>
      <ErrorNote error={error} />
      {result !== undefined && (
        <div class={`note ${result.delivered ? 'good' : 'bad'}`} role="status">
          <p>
            {result.delivered ? 'Delivered' : 'Not delivered'}
            {result.status_code !== null && `: the receiver answered ${result.status_code}`} in{' '}
            {milliseconds(result.durations_ms.total)}.
          </p>
          {result.cause !== null && <p>{result.cause}</p>}
          <p class="quiet">{durationParts(result.durations_ms)}</p>
        </div>
      )}
    </section>
  );
};

type SigningSecret = { secret: string; previous_expires_at: number | null };

/** Shown on a click, and forgotten with the next one or when the screen is left. */
const Secret = () => {
  const { api } = useGateway();
  const [shown, setShown] = useState<SigningSecret>();
  const [isSure, setSure] = useState(false);
  const show = useAction(async () => {
    const { body } = await api<SigningSecret>('/v1/callbacks/secret');
    setShown(body);
  });
  const rotate = useAction(async () => {
    const { body } = await api<SigningSecret>('/v1/callbacks/secret/rotate', { method: 'POST' });
    setShown(body);
    setSure(false);
  });
  return (
    <section class="card" aria-labelledby="secret">
      <h2 id="secret">Signing secret</h2>
      <p class="quiet">
        Your receiver checks with it that an event is from this gateway, as Standard Webhooks say.
      </p>
      {shown === undefined ? (
        <button type="button" onClick={show.run} disabled={show.isBusy}>
          Show the secret
        </button>
      ) : (
        <>
          <p class="secret">
            <code>{shown.secret}</code> <CopyButton text={shown.secret} what="the signing secret" />
          </p>
          {shown.previous_expires_at !== null && (
            <p>
              The one before also signs until <Time at={shown.previous_expires_at} /> (
              {exactTime(shown.previous_expires_at)}).
            </p>
          )}
          <button type="button" onClick={() => setShown(undefined)}>
            Hide
          </button>
        </>
      )}
      <h3>Rotate</h3>
      <p class="quiet">Makes a new secret. Old and new both sign for 24 hours, so nothing is lost.</p>
      {isSure ? (
        <div class="bar">
          <button type="button" class="danger" onClick={rotate.run} disabled={rotate.isBusy}>
            Yes, make a new secret
          </button>
          <button type="button" onClick={() => setSure(false)}>
            Keep this one
          </button>
        </div>
      ) : (
        <button type="button" onClick={() => setSure(true)}>
          Rotate the secret…
        </button>
      )}
      <ErrorNote error={show.error ?? rotate.error} />
    </section>
  );
};

/** By their hours. */
const periods = [
  { value: '1', text: 'the last hour' },
  { value: '24', text: 'the last 24 hours' },
  { value: '168', text: 'the last 7 days' },
  { value: '336', text: 'the last 14 days' },
] as const;

const Recover = () => {
  const { api } = useGateway();
  const [hours, setHours] = useState('24');
  const [started, setStarted] = useState<{ since: number }>();
  const { run, isBusy, error } = useAction(async () => {
    setStarted(undefined);
    const since = Math.floor(Date.now() / 1_000) - Number(hours) * 3_600;
    const { body } = await api<{ since: number }>('/v1/callbacks/recover', {
      method: 'POST',
      body: { since },
    });
    setStarted(body);
  });
  return (
    <section class="card" aria-labelledby="recover">
      <h2 id="recover">Recover lost callbacks</h2>
      <p class="quiet">
        After your receiver was down: sends every event again that never arrived, in the background.
      </p>
      <Form onSubmit={run}>
        <Choice label="Events of" value={hours} choices={periods} onPick={setHours} />
        <button type="submit" disabled={isBusy}>
          Send them again
        </button>
      </Form>
      <ErrorNote error={error} />
      {started !== undefined && (
        <p class="note good" role="status">
          Started: what was not delivered since {exactTime(started.since)} is being sent. The delivery log of
          each task shows it.
        </p>
      )}
    </section>
  );
};

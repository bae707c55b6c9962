import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.ts';
import { exactTime, relativeTime } from './format.ts';

/** A screen's heading. It takes the focus when the screen opens, so that a screen reader says where one is. */
export const Heading = ({ children, title }: { children: ComponentChildren; title: string }) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ClearMaas Gateway`;
    heading.current?.focus();
  }, [title]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
};

export const ErrorNote = ({ error }: { error: Error | undefined }) =>
  error === undefined ? null : (
    <div class="note bad" role="alert">
      <p>{error.message}</p>
      {error instanceof ApiError && error.requestId !== undefined && (
        <p class="quiet">
          Request id <code>{error.requestId}</code>
        </p>
      )}
    </div>
  );

/** What was not done as asked. */
export const Warnings = ({ warnings = [] }: { warnings: readonly string[] | undefined }) => (
  <>
    {warnings.map((warning) => (
      <p key={warning} class="note warn">
        {warning}
      </p>
    ))}
  </>
);

/** What is said until there is something to show. */
export const Loading = ({ value, error }: { value: unknown; error: Error | undefined }) =>
  value === undefined && error === undefined ? <p class="quiet">Loading…</p> : <ErrorNote error={error} />;

type FormProps = { onSubmit(): unknown; class?: string; 'aria-label'?: string; children: ComponentChildren };

/** A form that the page itself answers. */
export const Form = ({ onSubmit, children, ...more }: FormProps) => (
  <form
    {...more}
    onSubmit={(event) => {
      event.preventDefault();
      void onSubmit();
    }}
  >
    {children}
  </form>
);

type ChoiceProps = {
  label: string;
  value: string;
  choices: readonly { value: string; text: string }[];
  onPick(value: string): void;
};

/** One of a few, in a list that opens. */
export const Choice = ({ label, value, choices, onPick }: ChoiceProps) => (
  <label>
    {label}
    <select value={value} onChange={({ currentTarget }) => onPick(currentTarget.value)}>
      {choices.map((each) => (
        <option key={each.value} value={each.value}>
          {each.text}
        </option>
      ))}
    </select>
  </label>
);

export const Empty = ({ children }: { children: ComponentChildren }) => <div class="empty">{children}</div>;

/** How long ago, exact when pointed at; it counts on by itself. */
export const Time = ({ at }: { at: number }) => {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={new Date(at * 1_000).toISOString()} title={exactTime(at)}>
      {relativeTime(at, Math.max(nowMs, Date.now()))}
    </time>
  );
};

export const CopyButton = ({ text, what }: { text: string; what: string }) => {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <button type="button" class="small" onClick={copy} aria-label={`Copy ${what}`}>
      {isCopied ? 'Copied' : 'Copy'}
    </button>
  );
};

const statusWords: Readonly<Record<string, { text: string; tone: string }>> = {
  NOT_START: { text: 'waiting', tone: 'idle' },
  UNKNOWN: { text: 'being looked up', tone: 'warn' },
  SUBMITTED: { text: 'at the provider', tone: 'busy' },
  IN_PROGRESS: { text: 'rendering', tone: 'busy' },
  SUCCESS: { text: 'ready', tone: 'good' },
  FAILURE: { text: 'failed', tone: 'bad' },
};

export const statuses = Object.entries(statusWords).map(([value, { text }]) => ({ value, text }));

export const Status = ({ status }: { status: string }) => {
  const { text, tone } = statusWords[status] ?? { text: status, tone: 'idle' };
  return (
    <span class={`badge ${tone}`} title={status}>
      {text}
    </span>
  );
};

const callbackWords: Readonly<Record<string, { text: string; tone: string }>> = {
  none: { text: 'no callback', tone: 'idle' },
  pending: { text: 'not sent yet', tone: 'idle' },
  retrying: { text: 'retrying', tone: 'warn' },
  delivered: { text: 'delivered', tone: 'good' },
  failed: { text: 'not delivered', tone: 'bad' },
};

export const CallbackBadge = ({ state }: { state: string }) => {
  const { text, tone } = callbackWords[state] ?? { text: state, tone: 'idle' };
  return <span class={`badge ${tone}`}>{text}</span>;
};

/** A button for something that takes a moment: it cannot be pressed twice, and says what went wrong. */
export const useAction = (act: () => Promise<void>) => {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const run = async () => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await act();
    } catch (caught) {
      setError(caught as Error);
    } finally {
      setBusy(false);
    }
  };
  return { run, isBusy, error };
};

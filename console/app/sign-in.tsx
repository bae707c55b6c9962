import { useState } from 'preact/hooks';
import { type ApiError, createApi } from './api.ts';
import { ErrorNote, Form, Heading, useAction } from './parts.tsx';

type Props = { refusal: ApiError | undefined; onKey(key: string): void };

/** The key is tried before anything is shown. */
export const SignIn = ({ refusal, onKey }: Props) => {
  const [key, setKey] = useState('');
  const { run, isBusy, error } = useAction(async () => {
    await createApi(key.trim(), () => {})('/v1/models');
    onKey(key.trim());
  });
  return (
    <main class="sign-in">
      <Heading title="Sign in">ClearMaas Gateway</Heading>
      <p>
        See what became of your tasks and callbacks, and try a model. Paste an API key of your workspace: it
        stays in this tab, and is forgotten when you close it.
      </p>
      <Form onSubmit={run}>
        <label>
          API key
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            placeholder="sk-clearmaas-…"
            required
            value={key}
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={isBusy}>
          {isBusy ? 'Checking…' : 'Open'}
        </button>
      </Form>
      <ErrorNote error={error ?? refusal} />
      <p class="quiet">
        No key yet? On one machine <code>npm start</code> prints one. On AWS whoever runs the gateway makes
        one with <code>npm run keys -- create</code>.
      </p>
    </main>
  );
};

import { useMemo, useState } from 'preact/hooks';
import { type ApiError, createApi } from './api.ts';
import { CallbacksScreen } from './callbacks.tsx';
import { GatewayContext } from './context.ts';
import { type OpenApi, readFeatures } from './openapi.ts';
import { ErrorNote } from './parts.tsx';
import { PlaygroundScreen } from './playground.tsx';
import { type Route, useRoute } from './route.ts';
import { forgetKey, keepKey, readKey } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { TaskScreen } from './task.tsx';
import { TasksScreen } from './tasks.tsx';
import { UsageScreen } from './usage.tsx';
import { usePolled } from './use-polled.ts';

export const App = () => {
  const [key, setKey] = useState(readKey);
  const [refusal, setRefusal] = useState<ApiError>();
  const signIn = (given: string) => {
    keepKey(given);
    setRefusal(undefined);
    setKey(given);
  };
  const signOut = (error?: ApiError) => {
    forgetKey();
    setRefusal(error);
    setKey(undefined);
  };
  if (key === undefined) return <SignIn refusal={refusal} onKey={signIn} />;
  return <Shell key={key} apiKey={key} onSignOut={signOut} />;
};

type ShellProps = { apiKey: string; onSignOut(error?: ApiError): void };

const Shell = ({ apiKey, onSignOut }: ShellProps) => {
  const route = useRoute();
  const api = useMemo(() => createApi(apiKey, onSignOut), [apiKey]);
  const { value: features, error } = usePolled('openapi', async () => {
    const { body } = await api<OpenApi>('/v1/openapi.json');
    return { value: readFeatures(body) };
  });
  const gateway = useMemo(() => (features ? { api, features } : undefined), [api, features]);
  const tabs = [
    { path: 'tasks', text: 'Tasks' },
    { path: 'playground', text: 'Playground' },
    { path: 'callbacks', text: 'Callbacks' },
    ...(features?.hasUsage ? [{ path: 'usage', text: 'Usage' }] : []),
  ];
  const [area = ''] = route.path.split('/');
  const current = tabs.some(({ path }) => path === area) ? area : 'tasks';
  return (
    <GatewayContext.Provider value={gateway}>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <header>
        <a class="brand" href="#/tasks">
          ClearMaas
        </a>
        <nav aria-label="Screens">
          {tabs.map(({ path, text }) => (
            <a key={path} href={`#/${path}`} {...(path === current && { 'aria-current': 'page' as const })}>
              {text}
            </a>
          ))}
        </nav>
        <div class="who">
          {apiKey.startsWith('sk-clearmaas-test-') && <span class="badge warn">test key</span>}
          <button type="button" class="small" onClick={() => onSignOut()}>
            Forget key
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <ErrorNote error={error} />
        {gateway && <Screen route={route} />}
      </main>
    </GatewayContext.Provider>
  );
};

const Screen = ({ route: { path, query } }: { route: Route }) => {
  const [area, id] = path.split('/');
  if (area === 'tasks' && id) return <TaskScreen key={id} taskId={decodeURIComponent(id)} />;
  if (area === 'playground') return <PlaygroundScreen />;
  if (area === 'callbacks') return <CallbacksScreen />;
  if (area === 'usage') return <UsageScreen />;
  return <TasksScreen query={query} />;
};

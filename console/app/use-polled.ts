import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.ts';

/** What was loaded, and in how many seconds to ask again; `undefined`: never. */
type Loaded<Value> = { value: Value; againInSeconds?: number | undefined };
type Polled<Value> = { value?: Value; error?: Error; reload(): void };

const retrySeconds = 10;

/**
 * Loads now, whenever `key` changes and as often as the answers say. A hidden tab asks for nothing, and asks at once
 * when it is seen again.
 */
export const usePolled = <Value>(key: string, load: () => Promise<Loaded<Value>>): Polled<Value> => {
  const [state, setState] = useState<{ key: string; value?: Value; error?: Error }>({ key });
  const [round, setRound] = useState(0);
  const latestLoad = useRef(load);
  latestLoad.current = load;

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    let isDue = false;
    const plan = (seconds: number | undefined) => {
      if (!isOver && seconds !== undefined) timer = setTimeout(run, Math.max(1, seconds) * 1_000);
    };
    const run = async () => {
      isDue = document.hidden;
      if (isDue) return;
      try {
        const { value, againInSeconds } = await latestLoad.current();
        if (isOver) return;
        setState({ key, value });
        plan(againInSeconds);
      } catch (error) {
        if (isOver) return;
        setState((before) => ({ ...(before.key === key ? before : { key }), error: error as Error }));
        plan(pauseAfter(error));
      }
    };
    const onVisible = () => {
      if (isDue && !document.hidden) void run();
    };
    document.addEventListener('visibilitychange', onVisible);
    void run();
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [key, round]);

  const reload = useCallback(() => setRound((before) => before + 1), []);
  const { value, error } = state.key === key ? state : {};
  return { ...(value !== undefined && { value }), ...(error !== undefined && { error }), reload };
};

/** A refusal stays one, unless the API says when to ask again. */
const pauseAfter = (error: unknown): number | undefined => {
  if (!(error instanceof ApiError)) return retrySeconds;
  const isRefusal = error.status >= 400 && error.status < 500 && error.status !== 429;
  return error.retryAfterSeconds ?? (isRefusal ? undefined : retrySeconds);
};

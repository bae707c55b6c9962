import type { Stack } from '../stack.ts';

/** What a step of the demo works with. */
export type Demo = {
  stack: Stack;
  /** Where to save what is worth keeping. */
  folder: string;
  print(text: string): void;
  /** Calls the gateway with the local key. Throws what the gateway says when it refuses. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown>;
};

export type DemoStep = (demo: Demo) => Promise<void>;

export const createCall =
  ({ url, apiKey }: Pick<Stack, 'url' | 'apiKey'>): Demo['call'] =>
  async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };

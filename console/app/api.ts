/** The public API, and nothing else. A key stands in each request's header and nowhere else. */

type ApiAnswer<Body> = { body: Body; headers: Headers };

/** A refusal or a failure, in the API's own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    details: { status: number; requestId?: string | undefined; retryAfterSeconds?: number | undefined },
  ) {
    super(message);
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

type Call = { method?: 'GET' | 'POST'; body?: unknown; headers?: Record<string, string> };
export type Api = {
  <Body>(path: string, call?: Call): Promise<ApiAnswer<Body>>;
  /** The bytes at a path, for what a media element or a download cannot fetch itself. */
  blob(path: string): Promise<Blob>;
};

export const retryAfterSeconds = (headers: Headers): number | undefined => {
  const seconds = Number(headers.get('retry-after') ?? 'none');
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
};

/** `onRefusedKey` is told when the gateway no longer takes the key. */
export const createApi = (key: string, onRefusedKey: (error: ApiError) => void): Api => {
  const send = async (path: string, { method = 'GET', body, headers = {} }: Call = {}): Promise<Response> => {
    const response = await reach(path, {
      method,
      cache: 'no-store',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (response.ok) return response;
    const error = await readError(response);
    if (response.status === 401) onRefusedKey(error);
    throw error;
  };
  const call = async <Body>(path: string, options?: Call): Promise<ApiAnswer<Body>> => {
    const response = await send(path, options);
    return { body: (await response.json()) as Body, headers: response.headers };
  };
  return Object.assign(call, { blob: async (path: string) => (await send(path)).blob() });
};

const reach = async (path: string, options: RequestInit): Promise<Response> => {
  try {
    return await fetch(path, options);
  } catch (cause) {
    throw Object.assign(
      new ApiError('The gateway cannot be reached. Check your connection; this page goes on trying.', {
        status: 0,
      }),
      { cause },
    );
  }
};

const readError = async (response: Response): Promise<ApiError> => {
  const details = {
    status: response.status,
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryAfterSeconds: retryAfterSeconds(response.headers),
  };
  const answer = (await response.json().catch(() => undefined)) as
    | { error?: { message?: string } }
    | undefined;
  return new ApiError(answer?.error?.message ?? `The gateway answered ${response.status}.`, details);
};

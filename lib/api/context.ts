import type { Context } from 'hono';
import type { Workspace } from '../keys/workspace.ts';
import type { FieldsOf } from '../observability/events.ts';
import type { Log } from '../observability/log.ts';

/** What the middlewares leave for a route. */
export type ApiEnvironment = {
  Variables: {
    requestId: string;
    log: Log;
    /** What the request's own log line shall say besides how it ended. */
    logFields?: Pick<FieldsOf<'request.answered'>, 'requestedModel' | 'model' | 'n'>;
    /** Whose key it is; set on everything under `/v1`. */
    workspace: Workspace;
    /** Fingerprint of the caller's key, to tell callers of one workspace apart. */
    keyHash: string;
    /** What the operator called that key. */
    keyName: string;
  };
};
export type ApiContext = Context<ApiEnvironment>;

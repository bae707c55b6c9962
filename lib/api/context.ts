import type { Context } from 'hono';
import type { Workspace } from '../keys/workspace.ts';
import type { Log, LogFields } from '../log.ts';

/** What an answer consists of: all of it, or pieces that keep pace with who takes them. */
export type AnswerBody = Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>;

/** What the surroundings of the app offer it. */
export type Bindings = {
  /** Takes the body of an answer beside its `Response`, where it would become a web stream, which costs more than to make it. */
  sendBody?: (body: AnswerBody) => void;
};

/** What the middlewares leave for a route. */
export type ApiEnvironment = {
  Bindings: Bindings;
  Variables: {
    requestId: string;
    log: Log;
    /** What the request's own log line shall say besides how it ended. */
    logFields?: LogFields;
    /** Whose key it is; set on everything under `/v1`. */
    workspace: Workspace;
    /** Fingerprint of the caller's key, to tell callers of one workspace apart. */
    keyHash: string;
  };
};
export type ApiContext = Context<ApiEnvironment>;

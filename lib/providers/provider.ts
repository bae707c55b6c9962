import type { Json } from '../json.ts';

/** ClearMaas's name for the upstream endpoint that a video task uses. */
export type VideoAction = 'textGenerate' | 'generate' | 'omniVideo';

/**
 * What a video provider is asked to make: validated, complete, and in the provider's own field names and types.
 * A picture that came as base64 is kept in the asset store and stands here as `asset:<asset id>`.
 */
export type VideoRequest = {
  action: VideoAction;
  /** The provider's own model id. */
  upstreamModel: string;
  parameters: Record<string, Json>;
};

/** The provider's own reference to our work; opaque outside its folder, and serialisable. */
export type ProviderOperation = { action: VideoAction; id: string };

export type StartOptions = {
  /** Our task id, under which the provider lets us find the work again. */
  taskId: string;
  /** Where the provider may report on this task; absent where it cannot reach us. */
  webhookUrl?: string;
};

/** `code` is the provider's own for what went wrong, where it gave one. */
type Trouble = { detail: string; code?: string };

/** Why nothing was taken now: too many requests, no free slot, or maintenance and no connection. */
export type BusyReason = 'rate' | 'full' | 'unavailable';

/** How handing a task over ended. Only `unclear` leaves open whether the provider has it. */
export type StartOutcome =
  /** `state` is known where the provider turned out to have the task already. */
  | { status: 'accepted'; operation: ProviderOperation; createdAtMs?: number; state?: PollOutcome }
  /** Not taken now: come back. */
  | ({ status: 'busy'; reason: BusyReason } & Trouble)
  /** The caller's fault, in words the caller may read. Final. */
  | { status: 'refused'; reason: string; code?: string }
  /** Credentials, arrears, an exhausted pack: somebody must act. Come back slowly. */
  | ({ status: 'operator-fault' } & Trouble)
  /** Time-out, reset, unreadable answer: it may have been taken. Look it up before asking again. */
  | ({ status: 'unclear' } & Trouble);

/** No answer, or one that says nothing about the operation itself: where our account is at fault, somebody must act. */
type NoState = { status: 'unanswered' | 'operator-fault' } & Trouble;

export type FindOutcome =
  /** `createdAtMs` is when the provider took it, by its own clock; `state` how it is doing now. */
  | { status: 'found'; operation: ProviderOperation; createdAtMs?: number; state: PollOutcome }
  | { status: 'not-found' }
  | NoState;

/** What the provider says that it charged, in its own units as decimal text; absent where it does not say. */
type Charged = { units?: string };

/** How an operation is doing. */
export type PollOutcome =
  | { status: 'queued' }
  | { status: 'running' }
  | ({ status: 'succeeded'; resultUrl: string } & Charged)
  /** `wasMade`: it is ready by the provider's word, so charged, but what the provider answers cannot be used. */
  | ({ status: 'failed'; reason: string; wasMade?: true } & Charged)
  | { status: 'not-found' }
  | NoState;

/** What a provider's webhook says of a task that is under way. */
export type StatusUpdate = { operationId: string; status: 'queued' | 'running' };

/** A task as far as it decides who works on it. */
export type ServedTask = { livemode: boolean; resolvedModel: string };

/** Who makes the video of a task. Throws where this deployment has no account with that provider. */
export type VideoProviderOf<Provider = VideoProvider> = (task: ServedTask) => Provider;

/** An upstream service that makes videos. No method throws for what the provider does; each says how it ended. */
export type VideoProvider = {
  readonly name: string;
  /**
   * Gets together all that a create needs, stored pictures too, without asking the provider. Throws where that fails, and
   * then nothing was sent. The answer sends the create, once; it never waits for the video.
   */
  prepare(request: VideoRequest, options: StartOptions): Promise<() => Promise<StartOutcome>>;
  /** Looks for work that was submitted under our task id. Absent: the provider keeps no id of ours. */
  find?(action: VideoAction, taskId: string): Promise<FindOutcome>;
  /** Asks once how an operation is doing. */
  poll(operation: ProviderOperation): Promise<PollOutcome>;
};

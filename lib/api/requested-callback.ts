import * as z from 'zod/mini';
import { checkCallbackUrl } from '../callbacks/callback-url.ts';
import type { Problem } from '../errors.ts';
import type { TaskCallback, TaskEventType } from '../tasks/delivery.ts';
import { type CallbackSettings, callbackUrlRules } from './callback-url-rules.ts';
import type { ApiContext } from './context.ts';

/** The fields of a body that ask for a callback, of whatever kind of task. */
export const callbackFields = <const Types extends readonly TaskEventType[]>(eventTypes: Types) => ({
  callback_url: z.optional(z.string('must be a URL.')),
  callback_events: z.optional(
    z
      .array(z.enum(eventTypes, `must be one of ${eventTypes.join(', ')}.`), 'must be a list of event types.')
      .check(z.minLength(1, 'must name at least one event, or be left out.')),
  ),
});

/** Those that end a task; progress is sent only on request. */
const videoEvents: TaskEventType[] = ['video.completed', 'video.failed'];

type CallbackRequest = {
  /** `callback_url` of the body. */
  url: string | undefined;
  /** The same field in `metadata`, for SDKs whose types are closed. */
  metadataUrl?: string | undefined;
  events: TaskEventType[] | undefined;
  /** Those to send when none are named. */
  defaultEventTypes?: TaskEventType[];
};

/** Where a task's events shall go, or what is wrong with the request. */
export const requestedCallback = (
  c: ApiContext,
  settings: CallbackSettings,
  { url, metadataUrl, events, defaultEventTypes = videoEvents }: CallbackRequest,
): { callback?: TaskCallback; problems: Problem[] } => {
  if (url !== undefined && metadataUrl !== undefined && url !== metadataUrl)
    return problem('callback_url', 'stands in the body and in metadata with different values; give one.');
  const chosen = url ?? metadataUrl ?? c.get('workspace').callbackUrl;
  if (chosen === undefined)
    return events === undefined
      ? { problems: [] }
      : problem('callback_events', 'needs a callback_url to send the events to.');
  const broken = checkCallbackUrl(chosen, callbackUrlRules(c, settings));
  if (broken !== undefined)
    return problem(
      url === undefined && metadataUrl !== undefined ? 'metadata.callback_url' : 'callback_url',
      broken,
    );
  return { callback: { url: chosen, events: [...new Set(events ?? defaultEventTypes)] }, problems: [] };
};

const problem = (param: string, message: string) => ({ problems: [{ param, message }] });

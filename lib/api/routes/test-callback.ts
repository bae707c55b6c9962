import { type CallbackUrlRules, checkCallbackUrl } from '../../callbacks/callback-url.ts';
import type { SendTest } from '../../callbacks/send-test.ts';
import { ApiError, invalidRequest } from '../../errors.ts';
import type { Json } from '../../json.ts';
import { readExactFields } from '../body/read-body.ts';
import { type CallbackSettings, callbackUrlRules } from '../callback-url-rules.ts';
import type { ApiContext } from '../context.ts';
import { durationsOnWire } from '../durations.ts';

type Dependencies = {
  sendTest: SendTest;
  settings: CallbackSettings;
};

/** `POST /v1/callbacks/test`: sends a signed `callback.test` event and answers how it went. */
export const createTestCallback =
  ({ sendTest, settings }: Dependencies) =>
  async (c: ApiContext): Promise<Response> => {
    const workspace = c.get('workspace');
    const { url: asked = workspace.callbackUrl } = await readExactFields(c, ['url']);
    const url = readUrl(asked, callbackUrlRules(c, settings));
    const result = await sendTest(workspace, url);
    if (!result.sent)
      throw new ApiError('Enough events are on their way to this server. Try again in a few seconds.', {
        status: 429,
        code: 'rate_limit_exceeded',
        headers: { 'retry-after': '5' },
      });
    const { outcome, durationsMs } = result;
    return c.json({
      delivered: outcome.delivered,
      status_code: outcome.statusCode ?? null,
      cause: outcome.delivered ? null : outcome.cause,
      durations_ms: durationsOnWire(durationsMs),
    });
  };

const readUrl = (value: Json | undefined, rules: CallbackUrlRules): string => {
  if (value === undefined)
    throw wrongUrl('must be the URL to send to; your workspace has no default callback URL.');
  if (typeof value !== 'string') throw wrongUrl('must be text: the URL to send to.');
  const broken = checkCallbackUrl(value, rules);
  if (broken !== undefined) throw wrongUrl(broken);
  return value;
};

const wrongUrl = (message: string): ApiError => invalidRequest([{ param: 'url', message }]);

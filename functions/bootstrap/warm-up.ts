import { setTimeout as sleep } from 'node:timers/promises';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { AwsAccess } from '../../lib/aws/access.ts';
import type { AwsRequest, Exchange } from '../../lib/aws/exchange.ts';
import { describeApiKey, newApiKey } from '../../lib/keys/api-key.ts';
import type { Log } from '../../lib/log.ts';
import { secondMs } from '../../lib/time.ts';

type App = { fetch(request: Request): Response | Promise<Response> };
/** Puts the API together on other ends. */
export type CreateApp = (aws: AwsAccess, log: Log) => App;

/** How long a start may wait for it. */
const longestMs = 2 * secondMs;
/** By then what is used often is compiled well; each further one saves less than it takes. */
const plays = 5;

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Plays an accepted video request before the first caller comes, who then need not wait until the code is compiled and
 * connections are open: a function starts at full speed, but afterwards runs at the share of a processor that its
 * memory buys. Nothing is written or logged; of what the request asks of AWS, reads of items that do not exist are sent.
 * Whatever fails is left to the requests to come.
 */
export const warmUp = async (aws: AwsAccess, createApp: CreateApp): Promise<void> => {
  const apiKey = newApiKey();
  const app = createApp({ ...aws, exchange: playedExchange(aws.exchange, apiKey) }, silent);
  const playAll = async () => {
    for (let count = 1; count <= plays; count += 1) await play(app, apiKey);
  };
  await Promise.race([playAll(), sleep(longestMs, undefined, { ref: false })]).catch(() => {});
};

const play = async (app: App, apiKey: string): Promise<void> => {
  const { headers, body } = await app.fetch(requestWith(apiKey));
  Object.fromEntries(headers);
  await body?.getReader().read();
};

const requestWith = (apiKey: string): Request =>
  new Request('https://warm-up.example/v1/video/generations', {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'kling/kling-v2-6',
      prompt: 'warm-up',
      callback_url: 'https://example.com',
    }),
  });

const workspaceId = 'ws_warm_up';

/** Answers what AWS would answer to a known caller. */
const playedExchange = (exchange: Exchange, apiKey: string): Exchange => {
  const key = describeApiKey(apiKey, { name: '', workspaceId, createdAtMs: 0 });
  const workspace = { id: workspaceId, createdAtMs: 0, callbackSecret: '' };
  return async (request) => {
    const harmless = harmlessPartOf(request);
    if (harmless) await exchange(harmless).catch(() => {});
    const pk = itemRead(request);
    const item = pk?.startsWith('KEY#') ? key : pk?.startsWith('WORKSPACE#') ? workspace : undefined;
    const body = Buffer.from(JSON.stringify(item === undefined ? {} : { Item: marshall(item) }));
    return { status: 200, headers: {}, body };
  };
};

const targetOf = ({ headers }: AwsRequest): string | undefined => headers['x-amz-target'];

const itemRead = (request: AwsRequest): string | undefined =>
  targetOf(request) === 'DynamoDB_20120810.GetItem'
    ? JSON.parse(request.body.toString()).Key.pk.S
    : undefined;

/** Reads are sent as they are. To SQS goes a question that it refuses, for the connection's sake. */
const harmlessPartOf = (request: AwsRequest): AwsRequest | undefined => {
  if (itemRead(request) !== undefined) return request;
  if (targetOf(request) !== 'AmazonSQS.SendMessage') return undefined;
  return { ...request, method: 'GET', headers: { host: request.endpoint.host }, body: '' };
};

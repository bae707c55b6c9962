import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import type { Authenticate } from '../keys/authenticate.ts';
import type { Log } from '../observability/log.ts';
import type { WakeUps } from '../tasks/wake-ups.ts';
import type { ApiEnvironment } from './context.ts';
import { answerError, answerNotFound } from './error-envelope.ts';
import { answerOptions, forbidSniffing, limitRequests, logRequests, requireKey } from './middleware.ts';
import { notOffered, refuseCancel, refuseMixture, refuseNotOffered } from './not-offered.ts';
import { createCreateOpenAiVideo } from './openai-videos/create-video.ts';
import { createDeleteVideo } from './openai-videos/delete-video.ts';
import { createGetOpenAiContent } from './openai-videos/get-content.ts';
import { createGetOpenAiVideo } from './openai-videos/get-video.ts';
import { createListOpenAiVideos } from './openai-videos/list-videos.ts';
import { createCancelVideo } from './routes/cancel-video.ts';
import { createCreateImage } from './routes/create-image.ts';
import { createCreateVideo } from './routes/create-video.ts';
import { createGetCallbackSecret } from './routes/get-callback-secret.ts';
import { type ConsoleDependencies, createGetConsole } from './routes/get-console.ts';
import { createGetFile } from './routes/get-file.ts';
import { createGetHome } from './routes/get-home.ts';
import { createGetImageTask } from './routes/get-image-task.ts';
import { createGetOpenApi } from './routes/get-openapi.ts';
import { createGetUsage } from './routes/get-usage.ts';
import { createGetVideo } from './routes/get-video.ts';
import { createGetVideoContent } from './routes/get-video-content.ts';
import { createListDeliveries } from './routes/list-deliveries.ts';
import { createListEvents } from './routes/list-events.ts';
import { createListVideos } from './routes/list-videos.ts';
import { createGetModel, createListModels } from './routes/models.ts';
import { createProviderWebhook } from './routes/provider-webhook.ts';
import { createRecoverCallbacks } from './routes/recover-callbacks.ts';
import { createRedeliver } from './routes/redeliver.ts';
import { createRotateCallbackSecret } from './routes/rotate-callback-secret.ts';
import { createTestCallback } from './routes/test-callback.ts';
import { tidyPath } from './routing.ts';

type DependenciesOf<Create extends (dependencies: never) => unknown> = Parameters<Create>[0];

export type AppDependencies = {
  authenticate: Authenticate;
  wakeUps: WakeUps;
  log: Log;
} & ConsoleDependencies &
  DependenciesOf<typeof createCreateVideo> &
  DependenciesOf<typeof createProviderWebhook> &
  DependenciesOf<typeof createGetVideo> &
  DependenciesOf<typeof createGetVideoContent> &
  DependenciesOf<typeof createDeleteVideo> &
  DependenciesOf<typeof createListDeliveries> &
  DependenciesOf<typeof createListEvents> &
  DependenciesOf<typeof createTestCallback> &
  DependenciesOf<typeof createRecoverCallbacks> &
  DependenciesOf<typeof createGetCallbackSecret> &
  DependenciesOf<typeof createRotateCallbackSecret> &
  DependenciesOf<typeof createCreateImage> &
  DependenciesOf<typeof createGetUsage> &
  DependenciesOf<typeof createGetFile>;

/** The HTTP surface: a table of routes. */
export const createApp = (dependencies: AppDependencies): Hono<ApiEnvironment> => {
  const { authenticate, limiter, log, now, settings, consoleFolder } = dependencies;
  const app = new Hono<ApiEnvironment>({ getPath: tidyPath });
  app.onError(answerError);
  app.notFound((c) => answerNotFound(c, app.routes));
  app.use(requestId({ limitLength: 64 }), logRequests(log, now), forbidSniffing, answerOptions(app.routes));

  app.get('/', createGetHome(dependencies));
  if (consoleFolder !== undefined)
    for (const path of ['/console', '/console/:file']) app.get(path, createGetConsole(consoleFolder));
  // Below /v1 as well, where a client's base URL leads.
  for (const base of ['', '/v1']) {
    app.get(`${base}/healthz`, (c) => c.json({ status: 'ok' }));
    app.get(`${base}/openapi.json`, createGetOpenApi(dependencies));
  }
  app.get('/files/:id', createGetFile(dependencies));
  app.post('/hooks/:provider/:task_id/:token', createProviderWebhook(dependencies));

  app.use('/v1/*', requireKey(authenticate), limitRequests(limiter, settings.createsPerMinute));
  app.get('/v1/models', createListModels(dependencies));
  // The id holds a slash, which some clients send as it is and others as %2F.
  app.get('/v1/models/:model{.+}', createGetModel(dependencies));

  const videos = '/v1/video/generations';
  app.post(videos, createCreateVideo(dependencies));
  app.get(videos, createListVideos(dependencies));
  app.get(`${videos}/:task_id`, createGetVideo(dependencies));
  app.post(`${videos}/:task_id/cancel`, createCancelVideo(dependencies));
  app.get(`${videos}/:task_id/content`, createGetVideoContent(dependencies));
  app.get(`${videos}/:task_id/deliveries`, createListDeliveries(dependencies));
  app.post(`${videos}/:task_id/deliveries`, createRedeliver(dependencies));

  for (const [path, texts] of Object.entries(notOffered)) app.all(path, refuseNotOffered(texts));
  const openAiVideos = '/v1/videos';
  app.all(`${openAiVideos}/generations`, refuseMixture);
  app.post(openAiVideos, createCreateOpenAiVideo(dependencies));
  app.get(openAiVideos, createListOpenAiVideos(dependencies));
  app.get(`${openAiVideos}/:video_id`, createGetOpenAiVideo(dependencies));
  app.get(`${openAiVideos}/:video_id/content`, createGetOpenAiContent(dependencies));
  app.delete(`${openAiVideos}/:video_id`, createDeleteVideo(dependencies));
  app.all(`${openAiVideos}/:video_id/cancel`, refuseCancel);

  app.get('/v1/usage', createGetUsage(dependencies));

  app.get('/v1/events', createListEvents(dependencies));
  app.post('/v1/callbacks/test', createTestCallback(dependencies));
  app.post('/v1/callbacks/recover', createRecoverCallbacks(dependencies));
  app.get('/v1/callbacks/secret', createGetCallbackSecret(dependencies));
  app.post('/v1/callbacks/secret/rotate', createRotateCallbackSecret(dependencies));

  app.post('/v1/images/generations', createCreateImage(dependencies));
  app.get('/v1/images/generations/:task_id', createGetImageTask(dependencies));
  return app;
};

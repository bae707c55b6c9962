import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import type { Authenticate } from '../keys/authenticate.ts';
import type { Log } from '../log.ts';
import type { ApiEnvironment } from './context.ts';
import { answerError, answerNotFound } from './error-envelope.ts';
import { limitReads, logRequests, requireKey } from './middleware.ts';
import { createCancelVideo } from './routes/cancel-video.ts';
import { type CreateVideoDependencies, createCreateVideo } from './routes/create-video.ts';
import { createGetVideo } from './routes/get-video.ts';
import { createGetVideoContent } from './routes/get-video-content.ts';
import { createKlingPush } from './routes/kling-push.ts';
import { createListVideos } from './routes/list-videos.ts';
import { getModelObject, listModelObjects } from './routes/models.ts';

export type AppDependencies = CreateVideoDependencies & {
  authenticate: Authenticate;
  linkSigningKey: string;
  log: Log;
};

/** The HTTP surface: a table of routes. */
export const createApp = (dependencies: AppDependencies): Hono<ApiEnvironment> => {
  const { authenticate, limiter, log, now, settings } = dependencies;
  const app = new Hono<ApiEnvironment>();
  app.onError(answerError);
  app.notFound(answerNotFound);
  app.use(requestId({ limitLength: 64 }), logRequests(log, now));

  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.post('/hooks/kling/:task_id/:token', createKlingPush(dependencies));

  app.use('/v1/*', requireKey(authenticate), limitReads(limiter, settings.createsPerMinute));
  app.get('/v1/models', listModelObjects);
  app.get('/v1/models/:provider/:model', getModelObject);

  const videos = '/v1/video/generations';
  app.post(videos, createCreateVideo(dependencies));
  app.get(videos, createListVideos(dependencies));
  app.get(`${videos}/:task_id`, createGetVideo(dependencies));
  app.post(`${videos}/:task_id/cancel`, createCancelVideo(dependencies));
  app.get(`${videos}/:task_id/content`, createGetVideoContent(dependencies));
  return app;
};

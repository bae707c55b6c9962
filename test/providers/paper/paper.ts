import * as z from 'zod/mini';
import type { Account, ImageDescriptor, VideoDescriptor } from '../../../lib/providers/descriptor.ts';
import type { HttpAnswer, HttpClient, NoAnswer } from '../../../lib/providers/http/client.ts';
import { textAt } from '../../../lib/providers/http/fields.ts';
import type { ImageOutcome } from '../../../lib/providers/image-provider.ts';
import type { PollOutcome, StartOutcome } from '../../../lib/providers/provider.ts';
import { readFields } from '../../../lib/providers/read-fields.ts';

const videoModel = {
  kind: 'video',
  id: 'paper/kite-1',
  provider: 'paper-videos',
  ownedBy: 'paper',
  createdAtSeconds: 0,
  upstreamId: 'kite',
} as const;
const imageModel = { ...videoModel, kind: 'image', id: 'paper/sheet-1', provider: 'paper-images' } as const;

const fields = {
  topLevel: { prompt: z.string('must be text.') },
  metadata: { folds: z.int('must be a whole number.') },
};

const ask = async (
  http: HttpClient,
  { baseUrl, credentials: { PAPER_API_KEY: key = '' } }: Account,
  path: string,
  body?: object,
): Promise<HttpAnswer | NoAnswer> =>
  http({
    method: body === undefined ? 'GET' : 'POST',
    url: baseUrl + path,
    headers: { authorization: `Bearer ${key}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    deadlineMs: 5_000,
    maxAnswerBytes: 100_000,
  });

/** Videos of folded paper. It cannot look a task up by our id, and reports nothing by itself. */
export const paperVideos: VideoDescriptor = {
  kind: 'video',
  livemode: true,
  name: 'paper-videos',
  title: 'Paper videos',
  variablePrefix: 'PAPER_VIDEOS',
  defaultBaseUrl: 'https://videos.paper.example',
  credentialSets: [['PAPER_API_KEY']],
  models: [videoModel],
  requests: {
    fields: () => fields,
    fieldNotes: { folds: 'How often the paper is folded.' },
    prepare({ serving, prompt = null, metadata }) {
      const { values, unknown, problems } = readFields(fields.metadata, Object(metadata), 'metadata.');
      const [first, ...more] = problems;
      if (first !== undefined) return { problems: [first, ...more] };
      const { folds = 1 } = values;
      return {
        request: { action: 'textGenerate', upstreamModel: serving.upstreamId, parameters: { prompt, folds } },
        pictures: [],
        ignored: unknown,
        clip: { seconds: 5, aspectRatio: '16:9', mode: 'std' },
        priced: { seconds: 5, traits: {} },
        typicalSeconds: 10,
        renderKind: serving.id,
      };
    },
    withStoredPictures: (request) => request,
    assetsIn: () => [],
  },
  create: (account, { http }) => ({
    name: 'paper-videos',
    async prepare({ upstreamModel, parameters, action }) {
      return async (): Promise<StartOutcome> => {
        const answer = await ask(http, account, '/videos', { model: upstreamModel, ...parameters });
        if ('noAnswer' in answer) return { status: 'unclear', detail: answer.noAnswer };
        return { status: 'accepted', operation: { action, id: textAt(JSON.parse(answer.body), 'id') } };
      };
    },
    async poll({ id }): Promise<PollOutcome> {
      const answer = await ask(http, account, `/videos/${id}`);
      if ('noAnswer' in answer) return { status: 'unanswered', detail: answer.noAnswer };
      const resultUrl = textAt(JSON.parse(answer.body), 'url');
      return resultUrl === '' ? { status: 'running' } : { status: 'succeeded', resultUrl };
    },
  }),
};

/** Images on paper. */
export const paperImages: ImageDescriptor = {
  kind: 'image',
  livemode: true,
  name: 'paper-images',
  title: 'Paper images',
  variablePrefix: 'PAPER_IMAGES',
  defaultBaseUrl: 'https://images.paper.example',
  credentialSets: [['PAPER_API_KEY']],
  models: [imageModel],
  create: (account, { http }) => ({
    name: 'paper-images',
    plan: ({ prompt, n }, { upstreamId }) => ({
      possible: true,
      order: { upstreamId, n, parameters: { prompt } },
      notes: [],
    }),
    async generate({ parameters }): Promise<ImageOutcome> {
      const answer = await ask(http, account, '/images', parameters);
      if ('noAnswer' in answer) return { status: 'unclear', detail: answer.noAnswer };
      return { status: 'made', images: [{ base64: textAt(JSON.parse(answer.body), 'picture') }] };
    },
  }),
};

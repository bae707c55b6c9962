import type { IncomingMessage, ServerResponse } from 'node:http';
import { makeClip } from '../../lib/sandbox/media/clip.ts';
import type { DownloadFault } from './kling-behaviour.ts';
import type { Render } from './kling-tasks.ts';

/** What this render shows: always the same bytes. */
const videoOf = ({ prompt, model, mode, aspectRatio, durationSeconds }: Render): Buffer =>
  makeClip({
    prompt,
    mode,
    aspectRatio,
    durationSeconds: Number(durationSeconds),
    facts: [model, `${mode}  ${durationSeconds} s  ${aspectRatio}`],
  });

type VideoDownload = {
  request: IncomingMessage;
  response: ServerResponse;
  /** Absent: there is no such video. */
  render: Render | undefined;
  fault: DownloadFault | undefined;
};

/** Answers a request for a video, or for one part of it, as a file store does. */
export const sendVideo = ({ request, response, render, fault }: VideoDownload): void => {
  if (render === undefined || fault === 'missing') return void response.writeHead(404).end();
  const video = videoOf(render);
  const headers = { 'content-type': 'video/mp4', 'accept-ranges': 'bytes' };
  if (fault === 'cut-off') {
    response.writeHead(200, { ...headers, 'content-length': video.length });
    return void response.write(video.subarray(0, 10_000), () => response.destroy());
  }
  const part = partOf(request.headers.range, video.length);
  if (part === 'unsatisfiable')
    return void response.writeHead(416, { ...headers, 'content-range': `bytes */${video.length}` }).end();
  const { first, last } = part ?? { first: 0, last: video.length - 1 };
  response.writeHead(part === undefined ? 200 : 206, {
    ...headers,
    'content-length': last - first + 1,
    ...(part !== undefined && { 'content-range': `bytes ${first}-${last}/${video.length}` }),
  });
  response.end(request.method === 'HEAD' ? undefined : video.subarray(first, last + 1));
};

/** RFC 9110 §14: one range of bytes; any other `Range` header is ignored. */
const partOf = (header: string | undefined, size: number) => {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first > last ? 'unsatisfiable' : { first, last };
};

import { createServer, type IncomingMessage } from 'node:http';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';

export const storedVideo = Buffer.from('....ftypisom and what follows');

export type VideoStorage = {
  url: string;
  /** What it was asked, oldest first. */
  requests: readonly IncomingMessage[];
  stop(): Promise<void>;
};

/** Where a provider keeps a video: knows ranges, and sends headers that are no business of a client. `/status/<n>` answers that. */
export const startVideoStorage = async (): Promise<VideoStorage> => {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const [, status] = /^\/status\/(\d+)$/.exec(request.url ?? '') ?? [];
    if (status !== undefined) return void response.writeHead(Number(status)).end('<html>');
    const { status: answered, headers, body } = partOf(request.headers.range);
    response.writeHead(answered, { ...headers, 'content-length': body.length }).end(body);
  });
  const port = await listenOnLoopback(server, 0);
  return { url: `http://${loopback}:${port}`, requests, stop: () => stopListening(server) };
};

const headers = { 'accept-ranges': 'bytes', 'content-type': 'video/mp4', 'set-cookie': 'a=b', server: 'x' };

const partOf = (range: string | undefined) => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (from === undefined || to === undefined) return { status: 200, headers, body: storedVideo };
  if (Number(from) >= storedVideo.length) return { status: 416, headers: {}, body: Buffer.alloc(0) };
  const contentRange = `bytes ${from}-${to}/${storedVideo.length}`;
  const body = storedVideo.subarray(Number(from), Number(to) + 1);
  return { status: 206, headers: { ...headers, 'content-range': contentRange }, body };
};

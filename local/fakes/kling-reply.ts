import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DownloadFault } from './kling-behaviour.ts';

/** What a call is answered with: Kling's envelope, or one of the ways in which an answer fails to come. */
export type Reply = { status: number; body: object } | 'reset' | 'silent' | 'unreadable';

export const refuse = (status: number, code: number, message: string): Reply => ({
  status,
  body: { code, message, request_id: randomUUID() },
});

export const succeed = (data: object): Reply => ({
  status: 200,
  body: { code: 0, message: 'SUCCEED', request_id: randomUUID(), data },
});

export const send = (response: ServerResponse, reply: Reply): void => {
  if (reply === 'silent') return;
  if (reply === 'reset') return void response.socket?.resetAndDestroy();
  const isReadable = reply !== 'unreadable';
  response.writeHead(isReadable ? reply.status : 200, { 'content-type': 'application/json' });
  response.end(isReadable ? JSON.stringify(reply.body) : '<html>');
};

export const sendVideo = async (
  request: IncomingMessage,
  response: ServerResponse,
  fault?: DownloadFault,
): Promise<void> => {
  if (fault === 'missing') return void response.writeHead(404).end();
  const video = await readFile(new URL('kling-video.mp4', import.meta.url));
  response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': video.length });
  if (fault === 'cut-off') return void response.write(video.subarray(0, 10_000), () => response.destroy());
  response.end(request.method === 'HEAD' ? undefined : video);
};

import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** What a call is answered with: Kling's envelope, or one of the ways in which an answer fails to come. */
export type Reply = { status: number; body: object } | 'reset' | 'no response' | 'unreadable';

export const refuse = (status: number, code: number, message: string): Reply => ({
  status,
  body: { code, message, request_id: randomUUID() },
});

export const succeed = (data: object): Reply => ({
  status: 200,
  body: { code: 0, message: 'SUCCEED', request_id: randomUUID(), data },
});

export const send = (response: ServerResponse, reply: Reply): void => {
  if (reply === 'no response') return;
  if (reply === 'reset') return void response.socket?.resetAndDestroy();
  const isReadable = reply !== 'unreadable';
  response.writeHead(isReadable ? reply.status : 200, { 'content-type': 'application/json' });
  response.end(isReadable ? JSON.stringify(reply.body) : '<html>');
};

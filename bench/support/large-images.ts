import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { listenOnLoopback, loopback, stopListening } from '../../local/cloud/loopback.ts';

export type LargeImages = { url: string; close(): Promise<void> };

/** Answers as OpenAI and as Google do, with images of this size, sent as fast as they are taken. */
export const startLargeImages = async (imageBytes: number): Promise<LargeImages> => {
  const image = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(imageBytes - 8)]);
  const base64 = Buffer.from(image.toString('base64'));
  const server = createServer(async (request, response) => {
    const { n = 1 } = JSON.parse(await text(request)) as { n?: number };
    const isGoogle = request.url?.includes(':generateContent') === true;
    send(response, isGoogle ? googleAnswer(base64) : openAiAnswer(base64, n));
  });
  const port = await listenOnLoopback(server, 0);
  return { url: `http://${loopback}:${port}`, close: () => stopListening(server) };
};

const send = (response: ServerResponse, parts: Iterable<string | Buffer>) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  Readable.from(parts).pipe(response);
};

const openAiAnswer = function* (base64: Buffer, n: number) {
  yield '{"created":1763800000,"data":[';
  for (let index = 0; index < n; index += 1) {
    yield index === 0 ? '{"b64_json":"' : ',{"b64_json":"';
    yield* piecesOf(base64);
    yield '"}';
  }
  yield '],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}';
};

const googleAnswer = function* (base64: Buffer) {
  yield '{"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"';
  yield* piecesOf(base64);
  yield '"}}],"role":"model"},"finishReason":"STOP"}]}';
};

const pieceBytes = 65_536;
const piecesOf = function* (bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
};

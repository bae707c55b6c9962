import { readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { createGzip } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { readAnswer } from '../../lib/callbacks/read-answer.ts';
import { createSendCallback, type SendDependencies } from '../../lib/callbacks/send-callback.ts';
import {
  answerWith,
  listen,
  neverAnswer,
  type Receiver,
  startScriptedReceiver,
} from '../support/scripted-receiver.ts';

const pem = (name: string) => readFile(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});
const aReceiver = async (...options: Parameters<typeof startScriptedReceiver>): Promise<Receiver> => {
  const receiver = await startScriptedReceiver(...options);
  cleanUps.push(receiver.stop);
  return receiver;
};
/** A server that speaks no HTTP but what a test makes it say. */
const aRawServer = async (onConnection: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  const port = await listen(server);
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${port}/`;
};

const body = Buffer.from('{"type":"callback.test"}');
/** So long that only what never comes is too late. */
const limits = { connectMs: 20_000, totalMs: 20_000, drainMs: 300 };
const tightLimits = { connectMs: 1_000, totalMs: 1_500, drainMs: 300 };
const sending = (url: string, dependencies: Partial<SendDependencies> = {}) => {
  const send = createSendCallback({
    resolve: async () => ['127.0.0.1'],
    isAllowedAddress: () => true,
    now: Date.now,
    limits,
    ...dependencies,
  });
  return send({ url, body, headers: { 'content-length': String(body.length) } });
};
const outcomeOf = async (...call: Parameters<typeof sending>) => readAnswer(await sending(...call), call[0]);

describe('on the wire', () => {
  it('does not follow a redirect', async () => {
    const target = await aReceiver();
    const receiver = await aReceiver({ answer: answerWith(307, { location: target.url }) });
    expect(await outcomeOf(receiver.url)).toMatchObject({ errorClass: 'redirect', statusCode: 307 });
    expect(target.connections()).toBe(0);
  });

  it('takes 2xx for delivered even if the body never ends', async () => {
    const receiver = await aReceiver({
      answer: (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half');
      },
    });
    expect(await outcomeOf(receiver.url)).toEqual({ delivered: true, statusCode: 200 });
  });
  it('takes 2xx for delivered even if the connection breaks in the body', async () => {
    const receiver = await aReceiver({
      answer: (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      },
    });
    expect(await outcomeOf(receiver.url)).toMatchObject({ delivered: true });
  });

  it('does not switch protocols', async () => {
    const url = await aRawServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
      });
    });
    expect(await outcomeOf(url)).toMatchObject({ errorClass: 'bad_response', statusCode: 101 });
  });
  it('notices a server that closes without an answer', async () => {
    const url = await aRawServer((socket) => socket.once('data', () => socket.end()));
    expect(await outcomeOf(url)).toMatchObject({ errorClass: 'reset' });
  });
  it('notices an answer that is no HTTP', async () => {
    const url = await aRawServer((socket) =>
      socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n\r\n')),
    );
    expect(await outcomeOf(url)).toMatchObject({ errorClass: 'bad_response' });
  });
  it('notices a port on which nothing listens', async () => {
    const receiver = await startScriptedReceiver();
    await receiver.stop();
    expect(await outcomeOf(receiver.url)).toMatchObject({ errorClass: 'connect' });
  });
  it('gives up on a name that does not exist', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
    expect(await outcomeOf('http://hooks.test.example/', { resolve })).toMatchObject({ errorClass: 'dns' });
  });
  it('gives up on a name server that never answers', async () => {
    const resolve = () => new Promise<string[]>(() => {});
    expect(await outcomeOf('http://hooks.test.example/', { resolve, limits: tightLimits })).toMatchObject({
      errorClass: 'timeout',
      cause: 'no connection to your server within 5 s',
    });
  });
  it('tells how long each stage took', async () => {
    const receiver = await aReceiver();
    const { durationsMs } = await sending(`http://hooks.test.example:${receiver.port}/`);
    expect(durationsMs).toEqual({
      dns: expect.any(Number),
      connect: expect.any(Number),
      firstByte: expect.any(Number),
      total: expect.any(Number),
    });
  });
  it('takes a new connection for each callback', async () => {
    const receiver = await aReceiver();
    await sending(receiver.url);
    await sending(receiver.url);
    expect(receiver.connections()).toBe(2);
  });
});

describe('TLS', () => {
  const secureReceiver = async (certificate: string) =>
    aReceiver({ tls: { cert: await pem(certificate), key: await pem('server-key') } });
  const callingSecurely = async (receiver: Receiver) =>
    outcomeOf(`https://hooks.test.example:${receiver.port}/`, { trusted: await pem('authority') });

  it('delivers to a certificate that is made out to the name in the URL', async () => {
    const receiver = await secureReceiver('hooks');
    expect(await callingSecurely(receiver)).toEqual({ delivered: true, statusCode: 204 });
  });
  it.each([
    ['expired', "your server's certificate expired on 3 March 2026"],
    ['other-name', "your server's certificate is not made out to hooks.test.example"],
    ['self-signed', "your server's certificate is self-signed; use one from a public certificate authority"],
  ])('refuses a certificate that is %s, before anything is sent', async (certificate, cause) => {
    const receiver = await secureReceiver(certificate);
    expect(await callingSecurely(receiver)).toMatchObject({ errorClass: 'tls', cause });
    expect(receiver.received).toEqual([]);
  });
  it('refuses a server that does not speak TLS', async () => {
    const receiver = await aReceiver();
    expect(await outcomeOf(`https://hooks.test.example:${receiver.port}/`)).toMatchObject({
      errorClass: 'tls',
      cause: expect.stringContaining('must speak TLS 1.2'),
    });
  });
  it('refuses a certificate of an unknown authority', async () => {
    const receiver = await secureReceiver('hooks');
    expect(await outcomeOf(`https://hooks.test.example:${receiver.port}/`)).toMatchObject({
      errorClass: 'tls',
    });
  });
});

describe('hostile answers', () => {
  const memoryGrowth = async (work: () => Promise<unknown>): Promise<number> => {
    const before = process.memoryUsage().rss;
    await work();
    return (process.memoryUsage().rss - before) / 1_048_576;
  };

  it('leaves 200 MiB of gzip alone', async () => {
    const receiver = await aReceiver({
      answer: (response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        const gzip = createGzip();
        const zeros = Buffer.alloc(1_048_576);
        gzip.pipe(response).on('error', () => {});
        for (let megabytes = 0; megabytes < 200; megabytes += 1) gzip.write(zeros);
        gzip.end();
      },
    });
    expect(await outcomeOf(receiver.url)).toMatchObject({ delivered: true });
  });
  it('cuts an endless body off, with flat memory', async () => {
    const chunk = Buffer.alloc(65_536, 'x');
    let sentBytes = 0;
    const receiver = await aReceiver({
      answer: (response) => {
        response.writeHead(200);
        const pour = () => {
          while (!response.destroyed && response.write(chunk)) sentBytes += chunk.length;
          sentBytes += chunk.length;
          if (!response.destroyed) response.once('drain', pour);
        };
        pour();
      },
    });
    const grown = await memoryGrowth(async () => {
      for (let call = 0; call < 10; call += 1) await sending(receiver.url);
    });
    expect(receiver.received).toHaveLength(10);
    expect(sentBytes).toBeLessThan(200 * 1_048_576);
    expect(grown).toBeLessThan(100);
  });
  it('cuts endless headers off', async () => {
    const url = await aRawServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const pour = () => {
          while (!socket.destroyed && socket.write(`x-${'y'.repeat(100)}: z\r\n`));
          if (!socket.destroyed) socket.once('drain', pour);
        };
        pour();
      });
    });
    expect(await outcomeOf(url)).toMatchObject({ errorClass: 'bad_response' });
  });
  it('refuses a header of 40 KB', async () => {
    const receiver = await aReceiver({ answer: answerWith(200, { 'x-large': 'y'.repeat(40_000) }) });
    expect(await outcomeOf(receiver.url)).toMatchObject({
      errorClass: 'bad_response',
      cause: "the headers of your server's answer are larger than 16 KiB",
    });
  });
  it('cuts endless interim answers off', async () => {
    const url = await aRawServer((socket) => {
      socket.once('data', () => {
        const pour = () => {
          while (!socket.destroyed && socket.write('HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'));
          if (!socket.destroyed) socket.once('drain', pour);
        };
        pour();
      });
    });
    expect(await outcomeOf(url)).toMatchObject({ errorClass: 'bad_response' });
  });
  it.each([
    ['status line', 'HTTP/1.1 200 OK\r\n'],
    ['header', 'HTTP/1.1 200 OK\r\nx-slow: '.padEnd(60, 'y')],
  ])('ends at the deadline when a %s comes byte by byte', async (_name, text) => {
    const url = await aRawServer((socket) => {
      let index = 0;
      const timer = setInterval(() => socket.write(text[index++ % text.length] ?? 'y'), 100);
      socket.once('close', () => clearInterval(timer));
    });
    expect(await outcomeOf(url, { limits: tightLimits })).toMatchObject({ errorClass: 'timeout' });
  });
  it('ends at the deadline when nothing comes at all', async () => {
    const receiver = await aReceiver({ answer: neverAnswer });
    const { durationsMs } = await sending(receiver.url, { limits: tightLimits });
    expect(receiver.received).toHaveLength(1);
    expect(durationsMs).not.toHaveProperty('firstByte');
    expect(await outcomeOf(receiver.url, { limits: tightLimits })).toMatchObject({ errorClass: 'timeout' });
  });
});

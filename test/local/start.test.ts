import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { magicWords } from '../../lib/sandbox/magic-prompts.ts';
import { listenOnLoopback, stopListening } from '../../local/cloud/loopback.ts';
import { aFolder } from '../support/a-folder.ts';
import { type GatewayProcess, startGateway, startInVain } from '../support/gateway-process.ts';
import { patience } from '../support/patience.ts';

const submit = async ({ url, apiKey }: GatewayProcess, body: object) => {
  const answer = await fetch(`${url}/v1/video/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'kling/kling-v2-6', ...body }),
  });
  return (await answer.json()) as { task_id: string };
};

describe('npm start', () => {
  it('prints a key that works, keeps it over a restart, and ends cleanly on Ctrl-C', async () => {
    const DATA_DIR = await aFolder();
    const first = await startGateway({ DATA_DIR });
    const answer = await fetch(`${first.url}/v1/models`, {
      headers: { authorization: `Bearer ${first.apiKey}` },
    });
    expect(answer.status).toBe(200);
    expect(await first.interrupt()).toBe(0);
    const second = await startGateway({ DATA_DIR });
    expect(second.apiKey).toBe(first.apiKey);
  });

  it('refuses data that another gateway uses, and runs beside it on other data', async () => {
    const DATA_DIR = await aFolder();
    const [first, second] = await Promise.all([
      startGateway({ DATA_DIR }),
      startGateway({ DATA_DIR: join(DATA_DIR, 'second') }),
    ]);
    expect(second.url).not.toBe(first.url);
    const refused = await startInVain({ DATA_DIR });
    expect(refused.exitCode).toBe(1);
    expect(refused.errors).toContain(`Another gateway is running on the data in ${DATA_DIR}`);
    expect(refused.errors).toContain('set DATA_DIR');
  });

  it('says that its port is taken, and what to do', async () => {
    const other = createServer();
    const PORT = String(await listenOnLoopback(other, 0));
    onTestFinished(() => stopListening(other));
    const refused = await startInVain({ DATA_DIR: await aFolder(), PORT });
    expect(refused.exitCode).toBe(1);
    expect(refused.errors).toBe(
      `The gateway cannot start. Port ${PORT} on 127.0.0.1 is in use. End the program that uses it, or set PORT to another port.\n`,
    );
  });

  it('tells a person each request, step and callback attempt in one line', async () => {
    const receiver = createServer((_request, response) => response.writeHead(401).end());
    const port = await listenOnLoopback(receiver, 0);
    onTestFinished(() => stopListening(receiver));
    const gateway = await startGateway({ DATA_DIR: await aFolder(), LOG_FORMAT: 'text' });
    const { task_id } = await submit(gateway, {
      prompt: 'A boat [1s]',
      callback_url: `http://127.0.0.1:${port}/hook`,
    });
    const time = '\\d\\d:\\d\\d:\\d\\d {2}';
    const lines = [
      `${time}task accepted, kling/kling-v2-6; POST /v1/video/generations 200 \\(\\d+ ms\\) {2}${task_id}`,
      `${time}.*handed to the provider after .* s.* {2}${task_id}`,
      `${time}.*SUCCESS after .* s.* {2}${task_id}`,
      `${time}callback attempt 1 to http://127.0.0.1:${port}: your server answered 401: if it checks signatures, .*; next attempt at \\d\\d:.* {2}${task_id}`,
    ];
    await vi.waitFor(() => {
      for (const line of lines) expect(gateway.output()).toMatch(new RegExp(`^${line}$`, 'm'));
    }, patience);
    expect(gateway.output()).not.toContain('{"level"');
  });

  it('tells of a name in its .env file that nothing reads', async () => {
    const cwd = await aFolder();
    await writeFile(join(cwd, '.env'), 'PROVIDER=live\nSTAND_IN_SECONDS=1\n');
    const gateway = await startGateway({ DATA_DIR: '.data' }, { cwd });
    expect(gateway.output()).toContain('.env: nothing reads PROVIDER; did you mean PROVIDERS?\n');
    expect(gateway.output()).not.toContain('STAND_IN_SECONDS');
  });

  it('says what is missing when no provider can be called, and offers nothing', async () => {
    const gateway = await startGateway({ DATA_DIR: await aFolder(), PROVIDERS: 'live' });
    expect(gateway.output()).toContain(
      'Nothing can be made with this key: PROVIDERS=live needs the credentials of a provider. Set KLING_API_KEY, or KLING_ACCESS_KEY and KLING_SECRET_KEY, or OPENAI_API_KEY',
    );
    expect(gateway.output()).not.toMatch(/"level":"(warn|error)"|curl/);
    const headers = { authorization: `Bearer ${gateway.apiKey}` };
    const models = await (await fetch(`${gateway.url}/v1/models`, { headers })).json();
    expect(models).toEqual({ object: 'list', data: [] });
  });

  it('prints lines to copy: exports, a call that works, the words that fakes obey', async () => {
    const gateway = await startGateway({ DATA_DIR: await aFolder() });
    const text = gateway.output();
    expect(text).toContain(`export CLEARMAAS_URL=${gateway.url}\n`);
    expect(text).toMatch(/export CLEARMAAS_CALLBACK_SECRET=whsec_\S+\n/);
    for (const { word } of magicWords) expect(text).toContain(`${word} `);
    expect(text).toContain('npm run keys -- create --name ci --test');
    const [, body = ''] = /-d '(\{.*\})'/.exec(text) ?? [];
    expect(await submit(gateway, JSON.parse(body))).toMatchObject({ status: 'queued' });
  });

  it.each([
    ['TASK_RETENTION_DAYS', '0', 'must be a whole number from 5 to 3650'],
    ['RATE_LIMIT_PER_MINUTE', '0', 'must be a whole number from 1 to'],
    ['TYPICAL_RENDER_SECONDS', '0', 'must be a whole number from 1 to 86400'],
  ])('refuses %s=%s, with which nothing could be made', async (name, value, rule) => {
    const refused = await startInVain({ DATA_DIR: await aFolder(), [name]: value });
    expect(refused.exitCode).toBe(1);
    expect(refused.errors).toContain(`${name}: ${rule}`);
  });

  it('says where its data cannot be kept, and what to do', async () => {
    const DATA_DIR = join(await aFolder(), 'a file');
    await writeFile(DATA_DIR, '');
    const { exitCode, errors } = await startInVain({ DATA_DIR });
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/The data cannot be kept in .*a file \(.*\)\. Set DATA_DIR to a folder/);
  });

  it.runIf(process.platform === 'linux')('says so of a place that takes no folders', async () => {
    const { exitCode, errors } = await startInVain({ DATA_DIR: '/proc/clearmaas/data' });
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/cannot be kept in \/proc\/clearmaas\/data \(.*\)\. Set DATA_DIR to a folder/);
  });

  it('names every setting that is wrong', async () => {
    const refused = await startInVain({ DATA_DIR: await aFolder(), PORT: 'http', PROVIDERS: 'real' });
    expect(refused.exitCode).toBe(1);
    expect(refused.errors).toMatch(/PORT: must be a whole number; PROVIDERS: must be stand-in or live/);
  });
});

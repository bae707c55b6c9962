import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenOnLoopback, stopListening } from '../../local/cloud/loopback.ts';
import { aFolder } from '../support/a-folder.ts';
import { startGateway, startInVain } from '../support/gateway-process.ts';

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

  it('names every setting that is wrong', async () => {
    const refused = await startInVain({ DATA_DIR: await aFolder(), PORT: 'http', PROVIDERS: 'real' });
    expect(refused.exitCode).toBe(1);
    expect(refused.errors).toMatch(/PORT: must be a whole number; PROVIDERS: must be stand-in or live/);
  });
});

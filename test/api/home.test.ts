import { describe, expect, it } from 'vitest';
import { createTestApi, ownUrl } from '../support/api.ts';
import { functionUrlOf } from '../support/function-url.ts';

const home = (accept: string) => functionUrlOf(createTestApi().app)(`${ownUrl}/`, { headers: { accept } });
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe('GET /', () => {
  it('shows a browser what this is and where to go, and loads nothing', async () => {
    const response = await home(browser);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).toContain('<h1>ClearMaas Gateway</h1>');
    expect(page).toContain('<a href="/openapi.json">');
    expect(page).toContain('&quot;--test&quot;');
  });

  it.each(['*/*', 'application/json'])('tells a program the same as JSON: %s', async (accept) => {
    const response = await home(accept);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      name: 'ClearMaas Gateway',
      links: { '/openapi.json': expect.any(String) },
    });
  });
});

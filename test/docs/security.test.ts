import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

const page = await read('docs/security.md');
const claims = [...page.matchAll(/`(test\/[\w/-]+\.(?:test|browser)\.ts)`: "([^"]+)"/g)].map(
  ([, file = '', title = '']) => ({ file, title }),
);

describe('the threat model', () => {
  it('names a test for every threat', () => {
    const threats = page.split('## Threats')[1]?.split('## Privacy')[0] ?? '';
    const rows = threats
      .split('\n')
      .filter((line) => /^\| (?!threat |---)/.test(line) && !line.startsWith('|---'));
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) expect(row).toMatch(/`test\/\S+\.test\.ts`: "/);
  });

  it.each(claims)('rests on a test that is there: $file, $title', async ({ file, title }) => {
    expect(await read(file)).toContain(title);
  });
});

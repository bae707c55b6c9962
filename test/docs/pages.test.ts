import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { itemKinds } from '../../lib/item-kinds.ts';
import { startVariables } from '../../local/settings.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const filesIn = (folder: string) => readdirSync(new URL(folder, root), { withFileTypes: true });
const pagesIn = (folder: string) =>
  filesIn(folder).flatMap(({ name }) => (name.endsWith('.md') ? [`${folder}${name}`] : []));

describe('ARCHITECTURE.md', () => {
  const page = read('ARCHITECTURE.md');

  it('has a row for every room', () => {
    const rooms = filesIn('lib/').flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
    expect(rooms.filter((room) => !page.includes(`\n| \`lib/${room}\` |`))).toEqual([]);
  });

  it('has a row for every kind of item', () => {
    expect(Object.keys(itemKinds).filter((kind) => !new RegExp(`\`${kind}[#\`]`).test(page))).toEqual([]);
  });
});

test('docs/local.md lists every setting of npm start', () => {
  const page = read('docs/local.md');
  expect(startVariables.filter((name) => !page.includes(`\n| \`${name}\` |`))).toEqual([]);
});

test.each([
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'README.md',
  'bench/README.md',
  ...pagesIn('docs/'),
  ...pagesIn('docs/decisions/'),
])('%s names no file that is not there', (path) => {
  const page = read(path);
  // What took its place says what is so today.
  if (page.includes('**Superseded on ')) return;
  const named = [...page.matchAll(/`((?:bench|cdk|console|functions|lib|local|operator|test)\/[\w./-]+)`/g)];
  const files = named.map(([, file = '']) => file);
  expect(
    files.filter(
      (file) => ![file, `${file}.ts`, `${file}.test.ts`].some((each) => existsSync(new URL(each, root))),
    ),
  ).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { headers } from '../../lib/api/openapi/operation.ts';
import { errorCodes } from '../../lib/errors.ts';
import { eventTypes } from '../../lib/tasks/delivery.ts';
import { failureCodes } from '../../lib/tasks/task.ts';
import { openApi } from '../support/openapi.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const sections = Object.fromEntries(
  read('docs/errors.md')
    .split('\n## ')
    .map((section) => [section.split('\n')[0], section]),
);

test.each([
  ['A refused request', errorCodes],
  ['A failed task', failureCodes],
  ['Headers of an answer', Object.keys(headers)],
])('docs/errors.md explains under "%s" all that there are', (title, names) => {
  expect(names.filter((name) => !sections[title]?.includes(`\n| \`${name}\` |`))).toEqual([]);
});

test('docs/callbacks.md says when each event is sent', () => {
  const rows = read('docs/callbacks.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const explained = rows.flatMap((row) => row.split(' | ')[0]?.match(/[a-z]+\.[a-z_]+/g) ?? []);
  expect([...eventTypes, 'callback.test'].filter((type) => !explained.includes(type))).toEqual([]);
});

test('docs/callbacks.md tells what each field of an event about a task holds', () => {
  const page = read('docs/callbacks.md');
  const [, table = ''] = /\| field of `data` .*\n([\s\S]*?)\n\n/.exec(page) ?? [];
  const fields = Object.keys(openApi.components.schemas['EventTask']?.properties ?? {});
  expect(fields.length).toBeGreaterThan(10);
  expect(fields.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});

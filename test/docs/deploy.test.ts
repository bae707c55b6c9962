import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { synthesise } from '../support/synthesised-stack.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const guides = ['docs/deploy.md', 'docs/runbook.md', 'docs/money.md', 'CONTRIBUTING.md', 'README.md'];

test.each(guides)('every command of %s exists', (guide) => {
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
  const named = [...read(guide).matchAll(/npm run ([a-z-]+)/g)].map(([, script]) => script);
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((script) => !scripts.includes(script ?? ''))).toEqual([]);
});

test.each(guides)('%s needs no AWS CLI', (guide) => {
  expect(read(guide).match(/^(?:`|\$ )?aws [a-z0-9-]+ .*/gm) ?? []).toEqual([]);
});

test('every output that the guide speaks of is one of the stack', () => {
  const { template } = synthesise({
    domainName: 'media.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/1',
  });
  const outputs = Object.keys(template.findOutputs('*'));
  const named = [...read('docs/deploy.md').matchAll(/<([A-Z]\w+)>|`(\w+(?:Url|Target|Secret|TableName))`/g)];
  const names = named.map(([, placeholder, quoted]) => placeholder ?? quoted ?? '');
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !outputs.includes(name) && !/BaseUrl$/.test(name))).toEqual([]);
});

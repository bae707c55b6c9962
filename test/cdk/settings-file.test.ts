import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { stageFromContext } from '../../cdk/app-stage.ts';
import { describeSettings } from '../../cdk/describe-settings.ts';
import { readSettings } from '../../cdk/settings.ts';
import { loadSettings } from '../../cdk/settings-file.ts';
import { aFolder } from '../support/a-folder.ts';

const write = async (files: Record<string, string>): Promise<URL> => {
  const folder = pathToFileURL(`${await aFolder()}/`);
  for (const [name, content] of Object.entries(files)) await writeFile(new URL(name, folder), content);
  return folder;
};

test('the example can be used as it is', async () => {
  const example = readFileSync(new URL('../../settings.example.json', import.meta.url), 'utf8');
  expect(loadSettings('trial', await write({ 'settings.trial.json': example })).stage).toBe('trial');
});

test('git keeps the example and ignores the stages', () => {
  const lines = readFileSync(new URL('../../.gitignore', import.meta.url), 'utf8').split('\n');
  expect(lines).toEqual(expect.arrayContaining(['settings.*.json', '!settings.example.json']));
});

test('a byte order mark, as editors on Windows leave it, is no part of the settings', async () => {
  const folder = await write({ 'settings.trial.json': '\uFEFF{"copyResults": true}' });
  expect(loadSettings('trial', folder).copyResults).toBe(true);
});

test('a stage without a file is refused, and never deployed with defaults', async () => {
  const folder = await write({ 'settings.prod.json': '{}', 'settings.trial.json': '{}' });
  expect(() => loadSettings('prd', folder)).toThrow(
    /there is no settings\.prd\.json in .*prod, trial.* mean prod\?/,
  );
  expect(() => loadSettings('canary', folder)).toThrow(/have one: prod, trial\. To begin one: /);
  expect(() => loadSettings('Prod', folder)).toThrow('stage must be a short name in lower case');
  expect(() => loadSettings('../x', folder)).toThrow('stage must be a short name in lower case');
  expect(() => loadSettings('example', folder)).toThrow('stage must be');
});

test.each([
  ['{"copyResults": true,}', 'settings.trial.json is no JSON: '],
  ['["copyResults"]', 'settings.trial.json must hold one JSON object'],
  ['null', 'settings.trial.json must hold one JSON object'],
  ['{"copyResults": true, "copyResults": false}', 'In settings.trial.json stands twice: copyResults.'],
  ['{"prices": {"a/b": {"x": 1}, "c": [{"x": 2}], "a\\u002fb": 1}}', 'stands twice: prices.a/b.'],
  ['{"region": "x", "tracing" : true, "region"\n: "y"}', 'stands twice: region.'],
])('%s is refused', async (content, sentence) => {
  const folder = await write({ 'settings.trial.json': content });
  expect(() => loadSettings('trial', folder)).toThrow(sentence);
});

test('a name may stand again in another object, and in a text', async () => {
  const rates = '[{"per": "second", "usd": "0.1", "when": {"mode": "std"}}, {"per": "second", "usd": "0.2"}]';
  const price = `{"as_of": "2026-11-01", "rates": ${rates}}`;
  const prices = `{"kling/kling-v2-6": ${price}, "kling/kling-v3": ${price}}`;
  const folder = await write({
    'settings.trial.json': `{"alarmEmail": "\\"region\\":{}@example.com", "region": "eu-west-1", "prices": ${prices}}`,
  });
  expect(() => loadSettings('trial', folder)).not.toThrow('stands twice');
});

test('the stage is the only thing that -c gives', () => {
  expect(stageFromContext({ '@aws-cdk/core:flag': true, 'aws:cdk:version-reporting': true })).toBe(
    'production',
  );
  expect(stageFromContext({ stage: 'trial' })).toBe('trial');
  expect(() => stageFromContext({ copyResults: 'true' })).toThrow(
    'write it into settings.production.json instead',
  );
  expect(() => stageFromContext({ stge: 'trial' })).toThrow('-c stge=… is no setting; did you mean stage?');
  expect(() => stageFromContext({ colour: 'red' })).toThrow(
    '-c colour=… is no setting. Only the stage is given with -c;',
  );
  expect(() => stageFromContext({ klingApiKey: 'hunter2' })).toThrow(
    'npm run credentials -- set KLING_API_KEY --stage production',
  );
});

test('the settings are shown before a deployment, one a line', () => {
  const shown = describeSettings(readSettings('trial', { copyResults: true }, 'test'));
  expect(shown).toContain('ClearMaasGateway-trial, with the settings of settings.trial.json:');
  expect(shown).toMatch(/\n {2}copyResults +true\n/);
  expect(shown).toMatch(/\n {2}removalPolicy +"destroy"\n/);
  expect(shown).not.toContain('undefined');
});

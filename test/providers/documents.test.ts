import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { providerSettingNames } from '../../cdk/provider-settings.ts';
import { neededCredentials, providerVariables, settingVariables } from '../../lib/providers/accounts.ts';
import { registry } from '../../lib/providers/registry.ts';

const document = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const code = (names: string) => names.replace(/\b[A-Z][A-Z_]+\b/g, '`$&`');

const accountRows = registry.descriptors.map((descriptor) => {
  const { title, kind, defaultBaseUrl } = descriptor;
  const variables = Object.values(settingVariables(descriptor)).map((name) => `\`${name}\``);
  return `| ${title} | ${kind}s | ${code(neededCredentials([descriptor]))} | ${variables.join(', ')} | ${defaultBaseUrl} |`;
});

const modelRows = registry.models.map(
  ({ id, shutdownDate = '', successor }) =>
    `| \`${id}\` | ${shutdownDate} | ${successor === undefined ? '' : `\`${successor}\``} |`,
);

describe('docs/providers.md', () => {
  const lines = document('docs/providers.md').split('\n');
  const rowsUnder = (head: string) => {
    const start = lines.findIndex((line) => line.startsWith(head)) + 2;
    return lines.slice(start, lines.indexOf('', start));
  };

  it('lists what each provider needs', () => {
    expect(rowsUnder('| provider |')).toEqual(accountRows);
  });

  it('lists every model', () => {
    expect(rowsUnder('| model |')).toEqual(modelRows);
  });
});

it('the guide to deploying lists every setting of a provider', () => {
  const guide = document('docs/deploy.md');
  expect(providerSettingNames.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});

it('each variable means one thing', () => {
  const names = providerVariables(registry.descriptors);
  expect(new Set(names).size).toBe(names.length);
});

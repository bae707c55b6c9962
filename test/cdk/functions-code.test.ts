import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test, vi } from 'vitest';
import { synthesise } from '../support/synthesised-stack.ts';

let bundled: ReturnType<typeof synthesise>;
beforeAll(() => {
  // CDK tells of each bundle that it makes.
  const silence = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  bundled = synthesise({}, 'production', { bundles: true });
  silence.mockRestore();
});

test('each function is deployed with code of its own', () => {
  const { app, template } = bundled;
  const functions = Object.values(
    template.findResources('AWS::Lambda::Function', { Properties: { Runtime: 'nodejs24.x' } }),
  );
  const code = functions.map(({ Properties }) => {
    const hash = String(Properties.Code.S3Key).replace(/\.zip$/, '');
    return readFileSync(join(app.outdir, `asset.${hash}`, 'index.mjs'), 'utf8');
  });
  expect(code.length).toBeGreaterThan(1);
  expect(new Set(code).size).toBe(code.length);
});

test('the API is deployed with the console beside its code, and told of it unless it is turned off', () => {
  const { app, template } = bundled;
  const [api] = apisOf(template);
  const folder = join(app.outdir, `asset.${String(api?.['Properties'].Code.S3Key).replace(/\.zip$/, '')}`);
  const { CONSOLE_FOLDER: console } = api?.['Properties'].Environment.Variables ?? {};
  expect(readdirSync(join(folder, console))).toContain('index.html');
  expect(
    apisOf(synthesise({ console: false }).template)[0]?.['Properties'].Environment.Variables,
  ).not.toHaveProperty('CONSOLE_FOLDER');
});

const apisOf = (template: Template) =>
  Object.entries(template.findResources('AWS::Lambda::Function')).flatMap(([id, resource]) =>
    /Api(?!.*Log)/.test(id) ? [resource] : [],
  );

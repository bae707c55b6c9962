import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { synthesise } from '../support/synthesised-stack.ts';

test('each function is deployed with code of its own', () => {
  const { app, template } = synthesise({}, 'production', { bundles: true });
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

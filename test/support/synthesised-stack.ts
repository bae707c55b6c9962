import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import { readSettings } from '../../cdk/settings.ts';
import { GatewayStack } from '../../cdk/stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'synthesised-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The stack as `cdk synth` makes it with these settings; without building the functions, unless asked to. */
export const synthesise = (
  settings: Record<string, unknown> = {},
  stage = 'production',
  { bundles = false } = {},
): { app: App; stack: GatewayStack; template: Template } => {
  const app = new App({
    outdir: mkdtempSync(join(folder, 'app-')),
    builtinCloudFormationValidation: false,
    context: bundles ? {} : { 'aws:cdk:bundling-stacks': [] },
  });
  const stack = new GatewayStack(app, 'Gateway', { settings: readSettings(stage, settings, 'test') });
  return { app, stack, template: Template.fromStack(stack) };
};

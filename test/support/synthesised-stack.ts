import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readSettings } from '../../cdk/settings.ts';
import { GatewayStack } from '../../cdk/stack.ts';

/** The stack as `cdk synth` makes it with these settings, without building the functions. */
export const synthesise = (
  settings: Record<string, unknown> = {},
): { app: App; stack: GatewayStack; template: Template } => {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const stack = new GatewayStack(app, 'Gateway', { settings: readSettings((name) => settings[name]) });
  return { app, stack, template: Template.fromStack(stack) };
};

import { pathToFileURL } from 'node:url';
import { App } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { GatewayFunction } from '../../cdk/constructs/gateway-function.ts';
import { loadSettings } from '../../cdk/settings-file.ts';
import { GatewayStack } from '../../cdk/stack.ts';

/** Where Node looks before the function's own code, in place of what MiniStack's Lambda lacks. */
const preload = new URL('lambda-preload.ts', import.meta.url);

const app = new App();
const settings = loadSettings('rehearsal', pathToFileURL(`${app.node.getContext('folder')}/`));
const stack = new GatewayStack(app, settings.stackName, { settings });
for (const child of stack.node.findAll()) {
  // MiniStack's CloudFormation refuses alarms over several metrics.
  if (child instanceof CfnAlarm && child.metrics !== undefined)
    child.node.scope?.node.tryRemoveChild(child.node.id);
  if (child instanceof GatewayFunction) {
    // Its worker requires modules, and a function that awaits at its top level can only be imported.
    child.addEnvironment('NODE_OPTIONS', `--no-experimental-require-module --import ${preload}`);
    child.addEnvironment('CALLBACK_ALLOW_PRIVATE', 'true');
  }
}

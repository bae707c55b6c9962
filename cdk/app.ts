import { App } from 'aws-cdk-lib';
import { readSettings } from './settings.ts';
import { GatewayStack } from './stack.ts';

const app = new App();
const settings = readSettings((name) => app.node.tryGetContext(name));
new GatewayStack(app, settings.stackName, { settings });

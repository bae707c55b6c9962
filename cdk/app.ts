import { App } from 'aws-cdk-lib';
import { stageFromContext } from './app-stage.ts';
import { describeSettings } from './describe-settings.ts';
import { type Settings, SettingsError } from './settings.ts';
import { loadSettings } from './settings-file.ts';
import { GatewayStack } from './stack.ts';

const app = new App();

const settingsOrSentence = (): Settings => {
  try {
    return loadSettings(stageFromContext(app.node.getAllContext()));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
};

const settings = settingsOrSentence();
process.stderr.write(`${describeSettings(settings)}\n`);
const { region } = settings;
new GatewayStack(app, settings.stackName, { settings, ...(region !== undefined && { env: { region } }) });

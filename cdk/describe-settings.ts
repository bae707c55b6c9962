import { type Settings, settingNames } from './settings.ts';

/** What a deployment is about to use, one setting a line. None of them is secret. */
export const describeSettings = (settings: Settings): string => {
  const values: Record<string, unknown> = { ...settings, ...settings.providerSettings };
  const width = Math.max(...settingNames.map((name) => name.length));
  const lines = settingNames
    .filter((name) => values[name] !== undefined)
    .map((name) => `  ${name.padEnd(width)}  ${JSON.stringify(values[name])}`);
  return [`${settings.stackName}, with the settings of settings.${settings.stage}.json:`, ...lines].join(
    '\n',
  );
};

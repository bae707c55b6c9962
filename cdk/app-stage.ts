import { meantInstead } from './meant-instead.ts';
import { SettingsError, settingNames } from './settings.ts';

/** What the toolkit itself puts into the context has such a mark in its name. */
const isOurs = (name: string): boolean => /^[\w-]+$/.test(name) && name !== 'availability-zones';

/** The stage that `-c stage=…` names. Throws a {@link SettingsError} for anything else that was given with `-c`. */
export const stageFromContext = (context: Record<string, unknown>): string => {
  const { stage = 'production', ...others } = context;
  for (const name of Object.keys(others).filter(isOurs)) {
    if (settingNames.includes(name))
      throw new SettingsError(
        `-c ${name}=… would be forgotten by the next deployment: write it into settings.${stage}.json instead. Only the stage is given with -c.`,
      );
    throw new SettingsError(
      `-c ${name}=… is no setting${meantInstead(name, ['stage', ...settingNames], String(stage))} Only the stage is given with -c; settings stand in settings.${stage}.json.`,
    );
  }
  return String(stage);
};

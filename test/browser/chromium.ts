import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { currentEnvironment } from '../../lib/config.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium of this machine: what CHROMIUM names, or one on the path. */
export const findChromium = (): string | undefined => {
  const { CHROMIUM: chosen, PATH: path = '' } = currentEnvironment();
  if (chosen) return chosen;
  const candidates = path.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find((file) => existsSync(file));
};

export const howToGetChromium =
  'No Chromium was found. Install one ("apt-get install chromium" on Debian), or set CHROMIUM to the path of one.';

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nearestWord } from '../lib/nearest.ts';
import { repeatedNames } from '../lib/scan-json.ts';
import { readSettings, type Settings, SettingsError, stackNameOf } from './settings.ts';

const project = new URL('..', import.meta.url);
const fileOf = (stage: string): string => `settings.${stage}.json`;

/** The settings of a stage, from its file in the project's folder, which git ignores. */
export const loadSettings = (stage: string, folder: URL = project): Settings => {
  stackNameOf(stage);
  return readSettings(stage, parse(fileOf(stage), readStage(stage, folder)), fileOf(stage));
};

const readStage = (stage: string, folder: URL): string => {
  try {
    return readFileSync(new URL(fileOf(stage), folder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const others = readdirSync(folder).flatMap((name) => /^settings\.(.+)\.json$/.exec(name)?.[1] ?? []);
    const stages = others.filter((name) => name !== 'example');
    const nearest = nearestWord(stage, stages);
    const hint =
      (stages.length === 0 ? '' : ` The stages that have one: ${stages.join(', ')}.`) +
      (nearest === undefined ? '' : ` Did you mean ${nearest}?`);
    throw new SettingsError(
      `The stage ${stage} has no settings: there is no ${fileOf(stage)} in ${fileURLToPath(folder)}.${hint} To begin one: cp settings.example.json ${fileOf(stage)}`,
      { cause: error },
    );
  }
};

const parse = (source: string, content: string): Record<string, unknown> => {
  const text = content.replace(/^\uFEFF/, '');
  const given = parseJson(source, text);
  if (Object.prototype.toString.call(given) !== '[object Object]')
    throw new SettingsError(`${source} must hold one JSON object of names and values.`);
  const repeated = repeatedNames(text);
  if (repeated.length > 0)
    throw new SettingsError(`In ${source} stands twice: ${repeated.join(', ')}. Keep the one that is meant.`);
  return given as Record<string, unknown>;
};

const parseJson = (source: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`${source} is no JSON: ${(error as Error).message}`, { cause: error });
  }
};

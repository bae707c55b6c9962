import type { Problem } from '../../errors.ts';
import type { Draft } from './draft.ts';
import { either, type SettingName } from './fields.ts';
import { type KlingModel, klingModels } from './models.ts';

type FieldName = SettingName | 'prompt' | 'image';

/** Something that fields must be together. It is not asked while a field that it reads is unreadable. */
export type Rule = {
  reads: readonly FieldName[];
  /** Says what is wrong, as a sentence about the first field that `reads` names. */
  check: (draft: Draft) => string | undefined;
};

/** All rules that a draft breaks, `broken` being the fields that could not be read. */
export const checkRules = (rules: readonly Rule[], draft: Draft, broken: readonly FieldName[]): Problem[] =>
  rules.flatMap(({ reads, check }) => {
    const [about] = reads;
    if (about === undefined || reads.some((name) => broken.includes(name))) return [];
    const message = check(draft);
    return message === undefined ? [] : [{ param: paramOf(about), message }];
  });

export const paramOf = (name: FieldName): string =>
  name === 'prompt' || name === 'image' ? name : `metadata.${name}`;

/** The live models that can what the requested one cannot, as a sentence. */
export const useInstead = (can: (model: KlingModel) => boolean): string => {
  const models = klingModels.filter((model) => model.shutdownDate === undefined && can(model));
  return `Use ${either(models.map(({ id }) => id))} for it.`;
};

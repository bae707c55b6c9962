import { nearestWord } from '../lib/nearest.ts';
import { credentialNames } from '../lib/providers/accounts.ts';
import { registry } from '../lib/providers/registry.ts';

/** What was probably meant by a name that is no setting, as the end of a sentence. */
export const meantInstead = (name: string, names: readonly string[], stage: string): string => {
  const credential = credentials.find((known) => lettersOf(known) === lettersOf(name));
  if (credential !== undefined)
    return `, and a secret has no place here: npm run credentials -- set ${credential} --stage ${stage}.`;
  const nearest = nearestWord(name, names);
  return nearest === undefined ? '.' : `; did you mean ${nearest}?`;
};

const credentials = credentialNames(registry.descriptors);
/** `SOME_API_KEY` and `someApiKey` are one. */
const lettersOf = (name: string): string => name.replace(/[^a-z0-9]/gi, '').toLowerCase();

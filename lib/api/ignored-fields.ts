import { cutText } from '../cut-text.ts';
import { nearestWord } from '../nearest.ts';
import { visibleName } from '../visible-text.ts';
import type { ApiContext } from './context.ts';
import { meantBy } from './other-names.ts';

const maxNamed = 20;
const maxNameCharacters = 64;

/** Names in a header what of a request was ignored; the names come from the caller. */
export const setIgnoredFields = (c: ApiContext, header: string, names: readonly string[]): void => {
  if (names.length > 0) c.header(header, headerList(names));
};

/** Nothing but visible ASCII may stand in a header. */
const headerList = (names: readonly string[]): string =>
  names
    .map((name) => name.replace(/[^\x21-\x2b\x2d-\x7e]/g, '?').slice(0, maxNameCharacters))
    .slice(0, maxNamed)
    .join(', ');

/** A sentence for each unknown field, and the name that was probably meant. */
export const unknownFieldWarnings = (paths: readonly string[], known: readonly string[]): string[] => {
  const named = paths.slice(0, maxNamed).map((path) => {
    const name = path.slice(path.lastIndexOf('.') + 1);
    const meant = meantBy(name, known) ?? nearestWord(name, known);
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
    return `${visibleName(cutText(path, maxNameCharacters))} is not known here and was ignored.${hint}`;
  });
  return paths.length > maxNamed ? [...named, `And ${paths.length - maxNamed} more.`] : named;
};

import { nearestWord } from '../nearest.ts';
import type { Registry } from '../providers/registry.ts';

type Catalogue = Pick<Registry, 'models' | 'findModel'>;

/** What stands behind the namespace: OpenAI's SDKs and LiteLLM send no more than that. */
const bareIdOf = (id: string): string => id.slice(id.indexOf('/') + 1);

/** The public id of a model that may be named without its namespace, where only one model can be meant. */
export const publicModelId = ({ models, findModel }: Catalogue, text: string): string => {
  if (findModel(text) !== undefined) return text;
  const [only, ...others] = models.filter(({ id }) => bareIdOf(id) === text);
  return only !== undefined && others.length === 0 ? only.id : text;
};

/** The id that was probably meant: in other letters, under another namespace, or misspelt. */
export const nearestModelId = (catalogue: Catalogue, text: string): string | undefined => {
  const ids = catalogue.models.map(({ id }) => id);
  const bare = bareIdOf(text).toLowerCase();
  const sameName = ids.find((id) => bareIdOf(id).toLowerCase() === bare);
  if (sameName !== undefined) return sameName;
  const near = nearestWord(bare, ids.map(bareIdOf));
  return near === undefined ? undefined : publicModelId(catalogue, near);
};

/** OpenAI answers bytes to those who call its models by its own names, and their clients know nothing else. */
export const isBareGptImageId = (text: string): boolean => /^gpt-image-/.test(text);

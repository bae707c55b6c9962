type Values = Readonly<Record<string, unknown>>;

const valueAt = (item: Values | undefined, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Values | undefined)?.[name], item);

/** An expression with the names for which its placeholders stand. */
export const withNames = <Text extends string | undefined>(
  expression: Text,
  names: Record<string, string> = {},
): Text | string =>
  expression?.replaceAll(/#\w+/g, (placeholder) => names[placeholder] ?? placeholder) ?? expression;

const atom = (text: string, item: Values | undefined, values: Values): boolean => {
  const existence = /^attribute_(not_)?exists\(([\w.]+)\)$/.exec(text);
  if (existence !== null)
    return (valueAt(item, existence[2] as string) === undefined) === (existence[1] !== undefined);
  const beginning = /^begins_with\((\w+), (:\w+)\)$/.exec(text);
  if (beginning !== null)
    return String(item?.[beginning[1] as string]).startsWith(String(values[beginning[2] as string]));
  const comparison = /^([\w.]+) (=|<=|>=|<) (:\w+)$/.exec(text);
  if (comparison === null)
    throw new Error(`The table of the simulation cannot read the condition "${text}".`);
  const [, name = '', operator, placeholder = ''] = comparison;
  const [stored, given] = [valueAt(item, name), values[placeholder]];
  if (stored === undefined) return false;
  if (operator === '=') return stored === given;
  if (operator === '>=') return Number(stored) >= Number(given);
  return operator === '<' ? Number(stored) < Number(given) : Number(stored) <= Number(given);
};

/** Whether an item meets a condition as DynamoDB reads it: comparisons and existence, joined by AND and OR. */
export const meets = (
  item: Values | undefined,
  condition: string | undefined,
  values: Values = {},
): boolean =>
  condition === undefined ||
  condition.split(' OR ').some((part) => part.split(' AND ').every((text) => atom(text, item, values)));

const setAt = (item: Values, path: string, value: unknown): Values => {
  const [name = '', ...rest] = path.split('.');
  return rest.length === 0
    ? { ...item, [name]: value }
    : { ...item, [name]: setAt(item[name] as Values, rest.join('.'), value) };
};

const changed = (item: Values, [verb, change]: [string, string], values: Values): Values => {
  if (verb === 'REMOVE') {
    const { [change]: _removed, ...rest } = item;
    return rest;
  }
  if (verb === 'ADD') {
    const [name = '', placeholder = ''] = change.split(' ');
    return { ...item, [name]: Number(item[name] ?? 0) + Number(values[placeholder]) };
  }
  const [path = '', value = ''] = change.split(' = ');
  const sum = /^(\w+) \+ (:\w+)$/.exec(value);
  if (sum === null) return setAt(item, path, values[value]);
  return setAt(item, path, Number(item[sum[1] as string]) + Number(values[sum[2] as string]));
};

/** The item after `SET a = :a, b = b + :b ADD c :c REMOVE d`. */
export const updated = (item: Values, expression: string, values: Values = {}): Values =>
  [...expression.matchAll(/(SET|ADD|REMOVE) (.+?)(?= (?:SET|ADD|REMOVE) |$)/g)]
    .flatMap(([, verb = '', changes = '']) =>
      changes.split(', ').map((change): [string, string] => [verb, change]),
    )
    .reduce((after, change) => changed(after, change, values), item);

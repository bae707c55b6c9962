type Values = Readonly<Record<string, unknown>>;

const atom = (text: string, item: Values | undefined, values: Values): boolean => {
  const existence = /^attribute_(not_)?exists\((\w+)\)$/.exec(text);
  if (existence !== null)
    return (item?.[existence[2] as string] === undefined) === (existence[1] !== undefined);
  const beginning = /^begins_with\((\w+), (:\w+)\)$/.exec(text);
  if (beginning !== null)
    return String(item?.[beginning[1] as string]).startsWith(String(values[beginning[2] as string]));
  const comparison = /^(\w+) (=|<=|>=|<) (:\w+)$/.exec(text);
  if (comparison === null)
    throw new Error(`The table of the simulation cannot read the condition "${text}".`);
  const [, name = '', operator, placeholder = ''] = comparison;
  const [stored, given] = [item?.[name], values[placeholder]];
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

/** The item after `SET a = :a, b = b + :b`. */
export const updated = (item: Values, expression: string, values: Values = {}): Values => {
  const changes = expression
    .replace(/^SET /, '')
    .split(', ')
    .map((part) => part.split(' = ') as [string, string])
    .map(([name, value]) => {
      const sum = /^(\w+) \+ (:\w+)$/.exec(value);
      if (sum === null) return [name, values[value]] as const;
      return [name, Number(item[sum[1] as string]) + Number(values[sum[2] as string])] as const;
    });
  return { ...item, ...Object.fromEntries(changes) };
};

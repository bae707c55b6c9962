type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** An object without those of its fields that have no value. */
export const withoutUndefined = <Fields extends object>(fields: Fields): Given<Fields> =>
  // What is left has exactly the values that are not undefined.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>;

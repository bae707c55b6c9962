import * as z from 'zod/mini';

const numberOf = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,15}(\.0{1,9})?$/.test(value) ? Number(value) : value;

/** A whole number, also as text: forms, query strings and many SDKs write numbers so. */
export const wholeNumber = (from: number, to: number, message: string) =>
  z.pipe(z.transform(numberOf), z.int(message).check(z.minimum(from, message), z.maximum(to, message)));

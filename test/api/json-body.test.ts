import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonBody } from '../../lib/api/body/parse-json-body.ts';
import { canonicalJson } from '../../lib/api/canonical-json.ts';
import { ApiError } from '../../lib/errors.ts';
import type { Json, JsonObject } from '../../lib/json.ts';

/** Any sequence of UTF-16 units, halves of characters included. */
const anyText = fc.uint16Array({ maxLength: 200 }).map((units) => String.fromCharCode(...units));

const read = (text: string): JsonObject | ApiError => {
  try {
    return parseJsonBody(text);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
};

const namesIn = (value: Json): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, child]) => [
        ...(Array.isArray(value) ? [] : [name]),
        ...namesIn(child),
      ])
    : [];

describe('reading a body', () => {
  it('ends with an object or a refusal in words, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.json(), fc.string({ unit: 'binary' })), (text) => {
        const body = read(text);
        if (body instanceof ApiError) {
          expect([400, 413]).toContain(body.status);
          expect(body.message.length).toBeGreaterThan(20);
        } else expect(body).toEqual(expect.any(Object));
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives what the text says, but for ids too large for a double: those keep their digits', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.bigInt({ min: 2n ** 53n }),
        (values, large) => {
          const text = JSON.stringify(values);
          const body = read(`${text.slice(0, -1)}${text === '{}' ? '' : ','}"large_id":${large}}`);
          if (body instanceof ApiError) return;
          expect(body['large_id']).toBe(String(large));
          expect(body).toEqual({ ...withoutEmpty(JSON.parse(text)), large_id: String(large) });
        },
      ),
    );
  });

  it('lets no name through that reaches the prototype of an object', () => {
    const names = fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', 'b');
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constant('1'),
        fc.array(tie('tree'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
        fc
          .array(fc.tuple(names, tie('tree')), { maxLength: 3 })
          .map((members) => `{${members.map(([name, child]) => `"${name}":${child}`).join(',')}}`),
      ),
    }));
    fc.assert(
      fc.property(tree, (text) => {
        const body = read(`{"x":${text}}`);
        const isNamed = /__proto__|constructor|prototype/.test(text);
        const isRefusedRepeat = body instanceof ApiError && body.message.includes('more than once');
        if (!isNamed && !isRefusedRepeat) expect(body).toEqual(JSON.parse(`{"x":${text}}`));
        if (!(body instanceof ApiError)) expect(namesIn(body).join()).not.toMatch(/proto|constructor/);
      }),
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('a');
  });

  it('takes 64 levels and no more, counted outside of texts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.string(), (levels, text) => {
        const inner = `${'['.repeat(levels - 1)}${JSON.stringify(`[{${text}`)}${']'.repeat(levels - 1)}`;
        expect(read(`{"a":${inner}}`) instanceof ApiError).toBe(levels > 64);
      }),
    );
  });
});

/** `undefined` in a reviver leaves a member out, and makes a hole in a list: those are filled again. */
const withoutEmpty = (value: Json): JsonObject =>
  JSON.parse(JSON.stringify(value), function (this: Json, _name, child: Json) {
    return (child === null || child === '') && !Array.isArray(this) ? undefined : child;
  });

describe('canonical JSON', () => {
  const shuffled = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([name, child]) => [name, shuffled(child)]),
    );
  };
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

  it('is the same for the same value in another order, and says the value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
    );
  });

  it('is different for different values', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const areEqual = canonicalJson(one) === canonicalJson(other);
        if (areEqual) expect(one).toEqual(other);
        else expect(one).not.toEqual(other);
      }),
    );
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasMagicWord, magicSeconds, magicWords } from '../../lib/sandbox/magic-prompts.ts';

describe('a magic prompt', () => {
  it('is known by its words in brackets, wherever they stand', () => {
    expect(hasMagicWord('A boat [fail] at sea', 'fail')).toBe(true);
    expect(hasMagicWord('A boat may fail at sea', 'fail')).toBe(false);
  });

  it.each([
    ['[12s] a boat', 12],
    ['a boat [600s]', 600],
    ['[0s]', undefined],
    ['[601s]', undefined],
    ['12s', undefined],
  ])('%s takes %s seconds', (prompt, seconds) => {
    expect(magicSeconds(prompt)).toBe(seconds);
  });

  it('is documented with each of its words', () => {
    const readme = readFileSync(new URL('../../local/fakes/README.md', import.meta.url), 'utf8');
    for (const { word } of magicWords) expect(readme).toContain(`\`${word}\``);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasMagicWord, magicSeconds, magicWords } from '../../lib/sandbox/magic-prompts.ts';
import { promptOf } from '../../lib/sandbox/prompt.ts';

describe('a magic prompt', () => {
  it('is known by its words in brackets, wherever they stand', () => {
    expect(hasMagicWord('A boat [fail] at sea', 'fail')).toBe(true);
    expect(hasMagicWord('A boat may fail at sea', 'fail')).toBe(false);
  });

  it.each([
    ['[12s] a boat', 12],
    ['a boat [600s]', 600],
    ['[0s]', 1],
    ['[601s]', 600],
    [`[${'9'.repeat(400)}s]`, 600],
    ['[-1s]', undefined],
    ['[1.5s]', undefined],
    ['[4s] and [5s]', 4],
    ['12s', undefined],
  ])('%s takes %s seconds', (prompt, seconds) => {
    expect(magicSeconds(prompt)).toBe(seconds);
  });

  it.each(['docs/testing.md', 'local/fakes/README.md'])(
    'is documented with each of its words: %s',
    (path) => {
      const guide = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
      const rows = [...guide.matchAll(/^\| `(\[.+?\])` \| (.+) \|$/gm)].map(([, word, meaning]) => ({
        word,
        meaning,
      }));
      expect(rows).toEqual(magicWords);
    },
  );

  it('is looked for in what is to be seen alone', () => {
    const shots = [
      { index: 1, prompt: 'a [fail]' },
      { index: 2, prompt: 'b' },
    ];
    expect(promptOf({ prompt: 'a', multi_prompt: shots, mode: 'std' })).toBe('a a [fail] b');
    expect(promptOf({ prompt: 'a', negative_prompt: '[fail]', image: 'https://example.com/[fail]' })).toBe(
      'a',
    );
    expect(promptOf(null)).toBe('');
  });
});

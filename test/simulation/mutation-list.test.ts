import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { mutations } from './mutation-list.ts';

it.each(mutations)(
  'the fault "$name" can be put back: its place is in the code, once',
  async ({ file, from }) => {
    expect((await readFile(file, 'utf8')).split(from)).toHaveLength(2);
  },
);

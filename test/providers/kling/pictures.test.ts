import { describe, expect, it } from 'vitest';
import { pictureSize } from '../../../lib/providers/kling/picture-size.ts';
import { readPicture } from '../../../lib/providers/kling/pictures.ts';
import { aJpeg, aPng } from '../../support/pictures.ts';

describe('the size of a picture', () => {
  it.each([
    ['a PNG', aPng({ width: 1_280, height: 720 }), { width: 1_280, height: 720 }],
    ['a JPEG', aJpeg({ width: 1_920, height: 1_080 }), { width: 1_920, height: 1_080 }],
    ['a PNG that is cut off', aPng().subarray(0, 20), undefined],
    ['a JPEG that is cut off', aJpeg().subarray(0, 12), undefined],
    [
      'a JPEG with rubbish in it',
      Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
      undefined,
    ],
    ['no picture', Buffer.from('hello'), undefined],
  ])('of %s is read from its header', (_case, bytes, size) => {
    expect(pictureSize(bytes)).toEqual(size);
  });

  it('is not looked for beyond the end', () => {
    for (let length = 0; length < 64; length += 1) {
      pictureSize(aPng().subarray(0, length));
      pictureSize(aJpeg().subarray(0, length));
    }
  });
});

describe('a picture as base64', () => {
  it('is recognised by its bytes, not by what its data URL claims', () => {
    const text = `data:image/png;base64,${aJpeg().toString('base64')}`;
    expect(readPicture(text, false)).toEqual({ bytes: aJpeg() });
  });

  it('is taken when its header does not tell the size', () => {
    const bytes = aPng().subarray(0, 20);
    expect(readPicture(bytes.toString('base64'), false)).toEqual({ bytes });
  });

  it('may be 10 MB and no more', () => {
    const ofSize = (bytes: number) => Buffer.concat([aPng(), Buffer.alloc(bytes - 64)]).toString('base64');
    expect(readPicture(ofSize(10_485_760), false)).toHaveProperty('bytes.length', 10_485_760);
    expect(readPicture(ofSize(10_485_761), false)).toMatch(/larger than the 10 MB/);
  });

  it.each([
    [300, 750],
    [750, 300],
    [4_000, 4_000],
  ])('may be %d×%d', (width, height) => {
    expect(readPicture(aPng({ width, height }).toString('base64'), false)).not.toBeTypeOf('string');
  });
});

import type { ParameterSets } from './h264.ts';

type Mp4Options = {
  width: number;
  height: number;
  framesPerSecond: number;
  parameterSets: ParameterSets;
  /** The first is a key picture, the others build on it. */
  frames: readonly Buffer[];
};

const timescale = 1_000;

/**
 * Puts H.264 pictures into an MP4 (ISO/IEC 14496-12 and -15) that can be played while it is still being loaded: what
 * describes the pictures comes before them.
 */
export const toMp4 = (options: Mp4Options): Buffer => {
  const samples = options.frames.map((frame) => Buffer.concat([number32(frame.length), frame]));
  const type = box('ftyp', ascii('isom'), number32(0x200), ascii('isomiso2avc1mp41'));
  const describe = (firstSampleAt: number) => movie(options, samples, firstSampleAt);
  const media = box('mdat', ...samples);
  const firstSampleAt = type.length + describe(0).length + 8;
  return Buffer.concat([type, describe(firstSampleAt), media]);
};

const movie = (options: Mp4Options, samples: readonly Buffer[], firstSampleAt: number): Buffer => {
  const { width, height, framesPerSecond, parameterSets } = options;
  const duration = Math.round((samples.length / framesPerSecond) * timescale);
  const mediaTimescale = framesPerSecond * timescale;
  return box(
    'moov',
    full(
      'mvhd',
      0,
      zeros(8),
      number32(timescale),
      number32(duration),
      playback,
      matrix,
      zeros(24),
      number32(2),
    ),
    box(
      'trak',
      full(
        'tkhd',
        3,
        zeros(8),
        number32(1),
        zeros(4),
        number32(duration),
        zeros(16),
        matrix,
        fixed(width),
        fixed(height),
      ),
      box(
        'mdia',
        full(
          'mdhd',
          0,
          zeros(8),
          number32(mediaTimescale),
          number32(samples.length * timescale),
          undetermined,
        ),
        full('hdlr', 0, zeros(4), ascii('vide'), zeros(12), ascii('Video\0')),
        box(
          'minf',
          full('vmhd', 1, zeros(8)),
          box('dinf', full('dref', 0, number32(1), full('url ', 1))),
          box(
            'stbl',
            full('stsd', 0, number32(1), sampleEntry(width, height, parameterSets)),
            full('stts', 0, number32(1), number32(samples.length), number32(timescale)),
            full('stss', 0, number32(1), number32(1)),
            full('stsc', 0, number32(1), number32(1), number32(samples.length), number32(1)),
            full(
              'stsz',
              0,
              number32(0),
              number32(samples.length),
              ...samples.map(({ length }) => number32(length)),
            ),
            full('stco', 0, number32(1), number32(firstSampleAt)),
          ),
        ),
      ),
    ),
  );
};

const sampleEntry = (width: number, height: number, { sequence, picture }: ParameterSets): Buffer =>
  box(
    'avc1',
    zeros(6),
    number16(1), // which of the data references
    zeros(16),
    number16(width),
    number16(height),
    fixed(72),
    fixed(72),
    zeros(4),
    number16(1), // frames a sample
    zeros(32),
    number16(24), // colour depth
    number16(0xffff),
    box(
      'avcC',
      Buffer.from([1]),
      sequence.subarray(1, 4), // profile, constraints, level
      Buffer.from([0xff, 0xe1]), // lengths in four bytes; one sequence parameter set
      number16(sequence.length),
      sequence,
      Buffer.from([1]),
      number16(picture.length),
      picture,
    ),
  );

const box = (type: string, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([number32(body.length + 8), ascii(type), body]);
};
/** A box with a version, always 0, and flags. */
const full = (type: string, flags: number, ...content: readonly Buffer[]): Buffer =>
  box(type, number32(flags), ...content);

const zeros = (count: number): Buffer => Buffer.alloc(count);
const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const number16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};
const number32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
/** A number with sixteen bits after the point. */
const fixed = (value: number): Buffer => number32(value * 0x10000);

/** Speed 1, volume 1. */
const playback = Buffer.concat([fixed(1), number16(0x100), zeros(10)]);
/** Neither turned nor moved. */
const matrix = Buffer.concat([1, 0, 0, 0, 1, 0, 0, 0].map(fixed).concat(number32(0x40000000)));
/** Language "und", packed. */
const undetermined = Buffer.concat([number16(0x55c4), zeros(2)]);

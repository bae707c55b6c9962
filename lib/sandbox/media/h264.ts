import { type BitWriter, createBitWriter } from './bit-writer.ts';

/**
 * The small part of H.264 (ITU-T Rec. H.264, constrained baseline) that flat pictures with text need: a block is
 * predicted from a neighbour where that gives exactly its pixels, and stored as it is (I_PCM) where not. So nothing is
 * lost, and nothing is transformed or quantised.
 */

export const blockSize = 16;

/** Brightness a pixel, in whole blocks; the two colour values are the same everywhere. */
export type Picture = {
  blocksAcross: number;
  blocksDown: number;
  luma: Uint8Array;
  blueDifference: number;
  redDifference: number;
};

type BlockKind = 'skipped' | 'predicted' | 'stored';
type Prediction = 'from above' | 'from the left';
const predictionModes: Readonly<Record<Prediction, number>> = { 'from above': 0, 'from the left': 1 };

const referenceIdc = 3;
const unitTypes = { update: 1, key: 5, sequence: 7, picture: 8 };
/** In a slice of updates, types of blocks that stand for themselves come after the five predicted from other pictures. */
const updateTypeOffset = 5;
const storedType = 25;
const frameNumberBits = 4;

/** The picture as a whole: the first of a clip. */
export const encodeKeyPicture = (picture: Picture): Buffer => {
  const writer = createBitWriter();
  writeSliceHeader(writer, 'key', 0);
  const kinds: BlockKind[] = [];
  for (let block = 0; block < picture.blocksAcross * picture.blocksDown; block += 1)
    kinds[block] = writeBlock(writer, picture, block, kinds, 0);
  return toUnit(unitTypes.key, writer.finish());
};

/** The picture again, of which only these blocks have changed since the one before it. */
export const encodeUpdate = (picture: Picture, changed: readonly number[], number: number): Buffer => {
  const writer = createBitWriter();
  writeSliceHeader(writer, 'update', number);
  const kinds: BlockKind[] = Array(picture.blocksAcross * picture.blocksDown).fill('skipped');
  let next = 0;
  for (const block of changed) {
    writer.unsigned(block - next);
    kinds[block] = writeBlock(writer, picture, block, kinds, updateTypeOffset);
    next = block + 1;
  }
  if (next < kinds.length) writer.unsigned(kinds.length - next);
  return toUnit(unitTypes.update, writer.finish());
};

const writeSliceHeader = (writer: BitWriter, type: 'key' | 'update', number: number): void => {
  writer.unsigned(0); // first_mb_in_slice
  writer.unsigned(type === 'key' ? 7 : 5); // slice_type: all I, all P
  writer.unsigned(0); // pic_parameter_set_id
  writer.bits(number % 2 ** frameNumberBits, frameNumberBits);
  if (type === 'key') {
    writer.unsigned(0); // idr_pic_id
    writer.bits(0, 2); // no_output_of_prior_pics_flag, long_term_reference_flag
  } else writer.bits(0, 3); // num_ref_idx_active_override_flag, ref_pic_list_modification_flag_l0, adaptive_ref_pic_marking_mode_flag
  writer.unsigned(0); // slice_qp_delta
  writer.unsigned(1); // disable_deblocking_filter_idc
};

const writeBlock = (
  writer: BitWriter,
  picture: Picture,
  block: number,
  kinds: readonly BlockKind[],
  typeOffset: number,
): BlockKind => {
  const prediction = predictionOf(picture, block);
  if (prediction === undefined) {
    writer.unsigned(typeOffset + storedType);
    writer.align();
    writer.bytes(pixelsOf(picture, block));
    return 'stored';
  }
  writer.unsigned(typeOffset + 1 + predictionModes[prediction]);
  writer.unsigned(0); // intra_chroma_pred_mode: mean of the neighbours
  writer.unsigned(0); // mb_qp_delta
  writeNoCoefficients(writer, picture, block, kinds);
  return 'predicted';
};

/** `coeff_token` for none at all; which code says so depends on how many the neighbours have, and stored ones count as 16. */
const writeNoCoefficients = (
  writer: BitWriter,
  { blocksAcross }: Picture,
  block: number,
  kinds: readonly BlockKind[],
): void => {
  const left = block % blocksAcross > 0 ? kinds[block - 1] : undefined;
  const above = block >= blocksAcross ? kinds[block - blocksAcross] : undefined;
  // One of two is a mean of 8, above which the code is the same.
  if (left === 'stored' || above === 'stored') writer.bits(0b000011, 6);
  else writer.bits(1, 1);
};

/** From where a block's pixels can be copied so that none of them is wrong. */
const predictionOf = (picture: Picture, block: number): Prediction | undefined => {
  const { blocksAcross, luma } = picture;
  const stride = blocksAcross * blockSize;
  const start = startOf(picture, block);
  const isEach = (reference: (x: number, y: number) => number) => {
    for (let y = 0; y < blockSize; y += 1)
      for (let x = 0; x < blockSize; x += 1)
        if (luma[start + y * stride + x] !== luma[reference(x, y)]) return false;
    return true;
  };
  if (block >= blocksAcross && isEach((x) => start - stride + x)) return 'from above';
  if (block % blocksAcross > 0 && isEach((_x, y) => start + y * stride - 1)) return 'from the left';
  return undefined;
};

const startOf = ({ blocksAcross }: Picture, block: number): number =>
  (Math.floor(block / blocksAcross) * blocksAcross * blockSize + (block % blocksAcross)) * blockSize;

const colourBytes = (blockSize / 2) ** 2;

const pixelsOf = (picture: Picture, block: number): Uint8Array => {
  const pixels = new Uint8Array(blockSize ** 2 + 2 * colourBytes);
  const stride = picture.blocksAcross * blockSize;
  const start = startOf(picture, block);
  for (let y = 0; y < blockSize; y += 1)
    pixels.set(picture.luma.subarray(start + y * stride, start + y * stride + blockSize), y * blockSize);
  pixels.fill(picture.blueDifference, blockSize ** 2, blockSize ** 2 + colourBytes);
  pixels.fill(picture.redDifference, blockSize ** 2 + colourBytes);
  return pixels;
};

export type ParameterSets = { sequence: Buffer; picture: Buffer };

/** What a decoder must know before the first picture. The size is in pixels, and even. */
export const parameterSets = ({ width, height }: { width: number; height: number }): ParameterSets => {
  const across = Math.ceil(width / blockSize);
  const down = Math.ceil(height / blockSize);
  const sequence = createBitWriter();
  sequence.bits(66, 8); // profile_idc: baseline
  sequence.bits(0b11000000, 8); // constraint_set0_flag, constraint_set1_flag
  sequence.bits(levelOf(across * down), 8);
  sequence.unsigned(0); // seq_parameter_set_id
  sequence.unsigned(frameNumberBits - 4); // log2_max_frame_num_minus4
  sequence.unsigned(2); // pic_order_cnt_type: as decoded
  sequence.unsigned(1); // max_num_ref_frames
  sequence.bits(0, 1); // gaps_in_frame_num_value_allowed_flag
  sequence.unsigned(across - 1);
  sequence.unsigned(down - 1);
  sequence.bits(0b11, 2); // frame_mbs_only_flag, direct_8x8_inference_flag
  sequence.bits(1, 1); // frame_cropping_flag, in units of two pixels
  sequence.unsigned(0);
  sequence.unsigned((across * blockSize - width) / 2);
  sequence.unsigned(0);
  sequence.unsigned((down * blockSize - height) / 2);
  sequence.bits(0, 1); // vui_parameters_present_flag

  const picture = createBitWriter();
  picture.unsigned(0); // pic_parameter_set_id
  picture.unsigned(0); // seq_parameter_set_id
  picture.bits(0, 2); // entropy_coding_mode_flag, bottom_field_pic_order_in_frame_present_flag
  picture.unsigned(0); // num_slice_groups_minus1
  picture.unsigned(0); // num_ref_idx_l0_default_active_minus1
  picture.unsigned(0); // num_ref_idx_l1_default_active_minus1
  picture.bits(0, 3); // weighted_pred_flag, weighted_bipred_idc
  picture.unsigned(0); // pic_init_qp_minus26
  picture.unsigned(0); // pic_init_qs_minus26
  picture.unsigned(0); // chroma_qp_index_offset
  picture.bits(0b100, 3); // deblocking_filter_control_present_flag, constrained_intra_pred_flag, redundant_pic_cnt_present_flag
  return {
    sequence: toUnit(unitTypes.sequence, sequence.finish()),
    picture: toUnit(unitTypes.picture, picture.finish()),
  };
};

/** Table A-1, for pictures of so many blocks. */
const levelOf = (blocks: number): number => (blocks <= 3_600 ? 31 : blocks <= 8_192 ? 40 : 51);

/** Marks what a unit holds, and keeps start codes from appearing in it. */
const toUnit = (type: number, content: Buffer): Buffer => {
  const escaped: Buffer[] = [Buffer.from([(referenceIdc << 5) | type])];
  let from = 0;
  let zeros = 0;
  for (const [at, value] of content.entries()) {
    if (zeros >= 2 && value <= 3) {
      escaped.push(content.subarray(from, at), Buffer.from([3]));
      from = at;
      zeros = 0;
    }
    zeros = value === 0 ? zeros + 1 : 0;
  }
  return Buffer.concat([...escaped, content.subarray(from)]);
};

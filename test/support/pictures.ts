/** The beginning of a PNG, as far as its size; nobody decodes it. */
export const aPng = ({ width = 640, height = 360 } = {}): Buffer => {
  const bytes = Buffer.alloc(64);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]).copy(bytes);
  bytes.write('IHDR', 12);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
};

/** A JPEG's first segments: an application segment, a table, and the start of the frame with the size. */
export const aJpeg = ({ width = 640, height = 360 } = {}): Buffer => {
  const application = Buffer.from([0xff, 0xe0, 0, 6, 1, 2, 3, 4]);
  const huffmanTable = Buffer.from([0xff, 0xc4, 0, 5, 9, 9, 9]);
  const frame = Buffer.alloc(19);
  Buffer.from([0xff, 0xff, 0xc2, 0, 17, 8]).copy(frame);
  frame.writeUInt16BE(height, 6);
  frame.writeUInt16BE(width, 8);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), application, huffmanTable, frame]);
};

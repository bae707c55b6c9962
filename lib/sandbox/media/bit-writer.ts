/** Writes the fields of an H.264 bitstream, whose lengths are counted in bits. */
export type BitWriter = {
  /** A number in `count` bits. */
  bits(value: number, count: number): void;
  /** Exp-Golomb code: `ue(v)` in the standard. */
  unsigned(value: number): void;
  /** Zeros up to the next whole byte. */
  align(): void;
  /** Bytes as they are; only at a whole byte. */
  bytes(values: Uint8Array): void;
  /** The end mark, and everything that was written. */
  finish(): Buffer;
};

export const createBitWriter = (): BitWriter => {
  let content = Buffer.alloc(4096);
  let length = 0;
  let pending = 0;
  let pendingBits = 0;

  const reserve = (bytes: number) => {
    if (length + bytes <= content.length) return;
    content = Buffer.concat([content], Math.max(2 * content.length, length + bytes));
  };
  const bit = (value: number) => {
    pending = (pending << 1) | value;
    pendingBits += 1;
    if (pendingBits < 8) return;
    reserve(1);
    content[length] = pending;
    length += 1;
    pending = 0;
    pendingBits = 0;
  };
  const bits = (value: number, count: number) => {
    for (let at = count - 1; at >= 0; at -= 1) bit((value >> at) & 1);
  };
  const align = () => {
    while (pendingBits > 0) bit(0);
  };

  return {
    bits,
    align,
    unsigned(value) {
      const width = 32 - Math.clz32(value + 1);
      bits(0, width - 1);
      bits(value + 1, width);
    },
    bytes(values) {
      reserve(values.length);
      content.set(values, length);
      length += values.length;
    },
    finish() {
      bit(1);
      align();
      return content.subarray(0, length);
    },
  };
};

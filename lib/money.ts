/** Amounts of money: whole micro-dollars inside, decimal text on the wire. Never a fraction of a number. */

const decimals = 6;
const decimalText = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/** The millionths in decimal text such as `0.14`; `undefined` where it is none, or has more than six digits after the point. */
export const parseMillionths = (text: string): number | undefined => {
  const [, whole, fraction = ''] = decimalText.exec(text) ?? [];
  return whole === undefined ? undefined : Number(whole + fraction.padEnd(decimals, '0'));
};

/** Decimal text with as many digits as are needed, such as `0.14`. */
export const formatUsd = (microUsd: number): string => {
  const digits = String(microUsd).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  return digits.slice(0, -decimals) + (fraction === '' ? '' : `.${fraction}`);
};

/** `quantityMillionths` of something that costs `microUsd` each, to the nearest micro-dollar. */
export const multiply = (quantityMillionths: number, microUsd: number): number =>
  Number((BigInt(quantityMillionths) * BigInt(microUsd) + 500_000n) / 1_000_000n);

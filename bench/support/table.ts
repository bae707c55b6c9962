import { print } from './print.ts';

export type Cell = string | number | undefined;

/** Three digits that matter; large numbers whole. */
const format = (cell: Cell): string => {
  if (cell === undefined) return '–';
  if (typeof cell === 'string') return cell;
  if (Number.isInteger(cell) || Math.abs(cell) >= 100) return Math.round(cell).toLocaleString('en-US');
  return cell.toFixed(Math.abs(cell) >= 10 ? 1 : 2);
};

/** Prints a Markdown table, which reads as well in a terminal as in `docs/performance.md`. */
export const printTable = (title: string, header: readonly string[], rows: readonly (readonly Cell[])[]) => {
  const cells = [header, ...rows.map((row) => row.map(format))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const [head = [], ...body] = cells;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  print([`\n${title}\n`, line(head), rule, ...body.map(line)].join('\n'));
};

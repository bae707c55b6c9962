import type { ComponentChildren } from 'preact';

export type Column<Row> = {
  name: string;
  isNumber?: true;
  title?: (row: Row) => string;
  show: (row: Row) => ComponentChildren;
};
type Props<Row> = {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
};

/** Where there is no room for columns, each cell stands below the other with its column's name. */
export const Table = <Row,>({ label, rows, columns, keyOf }: Props<Row>) => (
  <table aria-label={label}>
    <thead>
      <tr>
        {columns.map(({ name }) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map((row) => (
        <tr key={keyOf(row)}>
          {columns.map(({ name, isNumber, title, show }) => (
            <td key={name} data-label={name} class={isNumber && 'number'} title={title?.(row)}>
              {show(row)}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

import { cutTo, pad, widthOf } from './width.ts';

/** A column of a table: what it shows, and how it yields when the terminal is narrow. */
export interface Column<Row> {
  readonly header: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Columns with the highest number leave first; absent: it stays. */
  readonly drop?: number;
  /** It may be cut down to this many cells; absent: never cut. */
  readonly min?: number;
}

const GAP = 2;

/**
 * Aligned lines, header first. `maxWidth` Infinity (not a terminal) cuts and drops nothing, so that pipes get every
 * character.
 */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: { maxWidth: number; header?: (text: string) => string },
): string[] {
  let shown = columns.map((column) => {
    const cells = rows.map(column.value);
    return { column, cells, width: Math.max(widthOf(column.header), ...cells.map(widthOf)) };
  });
  // A column that says nothing in this list is left out.
  shown = shown.filter(({ column, cells }) => column.drop === undefined || cells.some((cell) => cell !== ''));
  const total = () => shown.reduce((sum, { width }) => sum + width, 0) + GAP * (shown.length - 1);
  const least = () => shown.reduce((sum, { column, width }) => sum + Math.min(width, column.min ?? width), 0) + GAP * (shown.length - 1);

  while (least() > options.maxWidth) {
    const next = shown.filter(({ column }) => column.drop !== undefined).sort((a, b) => (b.column.drop ?? 0) - (a.column.drop ?? 0))[0];
    if (!next) break;
    shown = shown.filter((each) => each !== next);
  }
  // The widest of those that may be cut gives first.
  while (total() > options.maxWidth) {
    const widest = shown.filter(({ column, width }) => column.min !== undefined && width > column.min).sort((a, b) => b.width - a.width)[0];
    if (!widest) break;
    widest.width = Math.max(widest.column.min ?? 0, widest.width - Math.max(1, Math.ceil((total() - options.maxWidth) / shown.length)));
  }

  const line = (cellOf: (each: (typeof shown)[number]) => string) =>
    shown
      .map((each) => pad(cutTo(cellOf(each), each.width), each.width, each.column.align))
      .join(' '.repeat(GAP))
      .trimEnd();
  const header = line((each) => each.column.header);
  return [options.header ? options.header(header) : header, ...rows.map((_, row) => line((each) => each.cells[row] ?? ''))];
}

/** Two columns, name and value, for `show`; a value of several lines is indented. Null values are left out. */
export function fields(pairs: readonly (readonly [name: string, value: string | null])[], name: (text: string) => string): string[] {
  const kept = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null && pair[1] !== '');
  const width = Math.max(0, ...kept.map(([each]) => widthOf(each)));
  return kept.flatMap(([each, value]) => value.split('\n').map((text, at) => `${name(pad(at === 0 ? each : '', width))}  ${text}`));
}

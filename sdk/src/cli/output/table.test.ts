import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import type { Column } from './table.ts';
import { fields, table } from './table.ts';
import { widthOf } from './width.ts';

interface Row {
  name: string;
  state: string;
  took: string;
}
const rows: Row[] = [
  { name: 'a-rather-long-name', state: 'Failed', took: '3.4 s' },
  { name: '天気', state: 'Completed', took: '12 ms' },
];
const columns: Column<Row>[] = [
  { header: 'NAME', value: (row) => row.name, min: 6 },
  { header: 'STATE', value: (row) => row.state },
  { header: 'TOOK', value: (row) => row.took, align: 'right', drop: 1 },
];

describe('a table', () => {
  test('is aligned by cells, not characters', () => {
    expect(table(rows, columns, { maxWidth: Number.POSITIVE_INFINITY })).toEqual([
      'NAME                STATE       TOOK',
      'a-rather-long-name  Failed     3.4 s',
      '天気                Completed  12 ms',
    ]);
  });

  test('drops and cuts columns until it fits', () => {
    expect(table(rows, columns, { maxWidth: 21 })).toEqual(['NAME        STATE', 'a-rather-…  Failed', '天気        Completed']);
  });

  test.each([20, 25, 30, 40, 80])('never exceeds %d cells', (maxWidth) => {
    for (const line of table(rows, columns, { maxWidth })) expect(widthOf(line)).toBeLessThanOrEqual(maxWidth);
  });

  test('does not count colors', () => {
    const { green } = picocolors.createColors(true);
    const [, line] = table([{ name: green('x'), state: 'y', took: '' }], columns, { maxWidth: 80 });
    expect(line).toBe(`${green('x')}     y`);
  });

  test('leaves out a column that says nothing', () => {
    expect(table([{ name: 'x', state: 'y', took: '' }], columns, { maxWidth: 80 })).toEqual(['NAME  STATE', 'x     y']);
  });
});

test('fields leave out what is null, and indent further lines', () => {
  expect(
    fields(
      [
        ['id', '1'],
        ['message', null],
        ['states', 'a\nb'],
      ],
      (name) => name,
    ),
  ).toEqual(['id      1', 'states  a', '        b']);
});

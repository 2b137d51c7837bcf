import { readFileSync } from 'node:fs';
import { isNonRetryable } from '@signalbox/sdk';
import { expect, test } from 'vitest';
import { figuresOf, groupByMonth, parseDays } from './figures.ts';

const csv = readFileSync(new URL('../data/seattle-weather.csv', import.meta.resolve('vega-datasets')), 'utf8');

test('every day of the data set is valid and belongs to one month', () => {
  const days = parseDays(csv);
  const months = groupByMonth(days, [2012, 2013, 2014, 2015]);
  expect(days).toHaveLength(1_461);
  expect(months.map(({ month }) => month)).toEqual([...new Set(days.map(({ date }) => date.slice(0, 7)))]);
  expect(months.flatMap((month) => month.days)).toEqual(days);
});

test('the threshold decides which days are wet', () => {
  const [january] = groupByMonth(parseDays(csv), [2012]);
  if (!january) throw new Error('no month');
  expect(figuresOf(january, 0)).toMatchObject({ month: '2012-01', days: 31, wet_days: 31, rain_mm: 173.3, mostly: 'rain' });
  expect(figuresOf(january, 20).wet_days).toBe(january.days.filter((day) => day.precipitation >= 20).length);
});

test.each([
  ['date,rain\n', 'line 1: expected the columns date,precipitation,temp_max,temp_min,wind,weather, got date,rain'],
  [`${csv.slice(0, csv.indexOf('\n'))}\n2012-01-01,wet,1,1,1,rain`, /^line 2: precipitation: .* in 2012-01-01,wet,1,1,1,rain$/],
])('a text that is no such data fails for good: %j', (text, message) => {
  expect(() => parseDays(text)).toThrow(message);
  try {
    parseDays(text);
  } catch (error) {
    expect(isNonRetryable(error)).toBe(true);
  }
});

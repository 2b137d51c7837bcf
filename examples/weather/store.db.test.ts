import pg from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../infra/test-support/database.ts';
import type {} from '../../infra/test-support/run-tag.ts';
import type { Figures } from './figures.ts';
import { saveFigures } from './store.ts';

const january: Figures = {
  month: '2012-01',
  days: 31,
  wet_days: 21,
  rain_mm: 173.3,
  max_c: 12.8,
  min_c: -3.3,
  mean_wind: 3.9,
  mostly: 'rain',
};
const february: Figures = { ...january, month: '2012-02', days: 29 };

test('writing the same figures again changes nothing, and changed ones replace the old', async () => {
  await using database = await createTestDatabase();
  const firsts = await Promise.all([
    saveFigures(database.adminUrl, [january, february]),
    saveFigures(database.adminUrl, [january, february]),
  ]);
  expect(firsts.sort()).toEqual([0, 2]);
  expect(await saveFigures(database.adminUrl, [{ ...january, wet_days: 20 }, february])).toBe(1);

  const client = new pg.Client(database.adminUrl);
  await client.connect();
  const { rows } = await client.query('SELECT * FROM weather_month ORDER BY month');
  await client.end();
  expect(rows).toEqual([{ ...january, wet_days: 20 }, february]);
});

import { expect, test } from 'vitest';
import { daysText, freezesText, parseDays, parseFreezes } from './days-text.ts';

test('days are lines, and read back as they were', () => {
  const days = [
    { day: '12-24', to: '12-26', name: 'Christmas days' },
    { day: '2026-11-28', name: 'Stocktaking' },
  ];
  expect(daysText(days)).toBe('12-24..12-26 Christmas days\n2026-11-28 Stocktaking');
  expect(parseDays(daysText(days))).toEqual(days);
  expect(parseDays('\n  01-01  \n')).toEqual([{ day: '01-01', name: '01-01' }]);
});

test('freeze windows are lines, and what is no instant is left for the server to name', () => {
  const freezes = [{ from: '2026-12-20T12:00:00.000Z', to: '2027-01-03T12:00:00.000Z', name: 'Year end' }];
  expect(parseFreezes(freezesText(freezes))).toEqual(freezes);
  expect(parseFreezes('2026-12-20T12:00Z..soon')).toEqual([{ from: '2026-12-20T12:00:00.000Z', to: 'soon', name: 'freeze' }]);
});

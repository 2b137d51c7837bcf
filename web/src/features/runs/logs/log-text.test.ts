import type { StoredLogLine } from '@signalbox/proto/api';
import { describe, expect, it } from 'vitest';
import { attributesText, filterLines, linesToText, plainText } from './log-text.ts';

const line = (over: Partial<StoredLogLine>): StoredLogLine => ({
  at: '2026-01-31T08:00:00.000Z',
  level: 'info',
  stream: 'logger',
  taskOrdinal: null,
  message: 'hello',
  epoch: 1,
  position: '1',
  ...over,
});

describe('log text', () => {
  it('loses terminal codes and nothing else', () => {
    expect(plainText('\u001b[1;32m✓\u001b[0m done [ok] \u001b]8;;http://x\u0007link\u001b]8;;\u0007')).toBe('✓ done [ok] link');
  });

  it('names attributes in the order of their names', () => {
    expect(attributesText({ to: '2015-12-31', from: '2012-01-01', days: 1461 })).toBe('days=1461 from=2012-01-01 to=2015-12-31');
  });

  it('keeps lines at or above a level, of a task, with a word in message or attributes', () => {
    const lines = [
      line({ level: 'debug' }),
      line({ level: 'warn', message: 'HTTP 503' }),
      line({ level: 'error', taskOrdinal: 4, attributes: { file: 'Weather.csv' } }),
    ];
    const all = { minLevel: 'debug', text: '', taskOrdinal: null } as const;
    expect(filterLines(lines, all)).toBe(lines);
    expect(filterLines(lines, { ...all, minLevel: 'warn' })).toHaveLength(2);
    expect(filterLines(lines, { ...all, taskOrdinal: 4 })).toEqual([lines[2]]);
    expect(filterLines(lines, { ...all, text: 'weather' })).toEqual([lines[2]]);
    expect(filterLines(lines, { ...all, text: 'http' })).toEqual([lines[1]]);
  });

  it('becomes a file with an instant, a level and attributes', () => {
    expect(linesToText([line({ attributes: { rows: 3 } }), line({ level: 'error', message: 'no' })])).toBe(
      '2026-01-31T08:00:00.000Z INFO  hello rows=3\n2026-01-31T08:00:00.000Z ERROR no',
    );
  });
});

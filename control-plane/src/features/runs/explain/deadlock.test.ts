import type { BlockingRun } from '@signalbox/proto/api';
import { describe, expect, test } from 'vitest';
import { type Family, findDeadlock, type Waits } from './deadlock.ts';

const run = (name: string): BlockingRun => ({
  run: `run_${name}` as BlockingRun['run'],
  name,
  deployment: 'etl/x',
  agent: null,
  since: '2026-01-31T08:00:00.000Z',
});
const family = (waits: Record<string, Waits | null>): Family =>
  new Map(Object.entries(waits).map(([name, each]) => [name, { run: run(name), waits: each }]));
const child = (...ids: string[]): Waits => ({ kind: 'child', for: ids });
const process = (...ids: string[]): Waits => ({ kind: 'process', name: 'local', for: ids });

describe('a deadlock', () => {
  test('of parents that keep all processes, asked of one of them, of its child, or of one who waits for them', () => {
    const all = family({ a: child('a1'), a1: process('a', 'b'), b: child('b1'), b1: process('a', 'b'), late: process('a', 'b') });
    expect(findDeadlock(all, 'a')).toMatchObject({
      sentences: ['a waits for its child a1.', 'a1 waits for room for a process in work pool "local", where a keeps one while it waits.'],
      frees: 'More room in work pool "local": another agent, or a higher --max-processes. Or cancel one of these runs.',
    });
    expect(findDeadlock(all, 'b1')?.holders.map(({ name }) => name)).toEqual(['b1', 'b']);
    expect(findDeadlock(all, 'late')?.holders).toHaveLength(2);
  });

  test('of a parent whose child wants the named limit that it holds', () => {
    const all = family({ a: child('a1'), a1: { kind: 'limit', name: 'db', for: ['a'] } });
    expect(findDeadlock(all, 'a1')).toMatchObject({
      sentences: ['a1 waits for a slot of limit "db", which a holds while it waits.', 'a waits for its child a1.'],
      frees: 'A higher limit "db". Or cancel one of these runs.',
    });
  });

  test('is none while anybody in reach can go on, or the waiting ends at somebody who does not wait', () => {
    expect(findDeadlock(family({ a: child('a1', 'a2'), a1: process('a'), a2: null }), 'a')).toBeNull();
    expect(findDeadlock(family({ a: child('a1'), a1: process('b') }), 'a')).toBeNull();
  });
});
